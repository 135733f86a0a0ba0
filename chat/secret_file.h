#include "base/secret_file.h"
