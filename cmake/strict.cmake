# Warnings and hardening for everything we write ourselves; a folder opts in by
# linking chatrelay_strict.
add_library(chatrelay_strict INTERFACE)

target_compile_features(chatrelay_strict INTERFACE c_std_17)
target_compile_definitions(chatrelay_strict INTERFACE _GNU_SOURCE)
target_include_directories(chatrelay_strict INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(chatrelay_strict INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
    -Wstrict-prototypes -Wmissing-prototypes -Wcast-qual -Wwrite-strings
    -Wpointer-arith -Wundef -Wvla -Wformat=2 -Wswitch-enum -Wnull-dereference
    -Wdouble-promotion -Wimplicit-fallthrough
    $<$<C_COMPILER_ID:GNU>:-Wlogical-op -Wduplicated-cond -Wduplicated-branches
                           -Wcast-align=strict -Warith-conversion>
    -fstack-protector-strong -fstack-clash-protection -fno-common
    $<$<CONFIG:Release,RelWithDebInfo>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2>)
target_link_options(chatrelay_strict INTERFACE -Wl,-z,relro,-z,now)
