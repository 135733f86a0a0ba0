// send.go - post a message: go run send.go THREAD TEXT [ONCE]
//
// Exits like "chatrelay send": with 0 when the message is on disk, with 12 when that is not known: the
// same ONCE makes it safe to send it again. 75: not taken now, try later; 65: never, as it is; 69:
// nobody there; 64: wrong arguments.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"time"
)

func socket() string {
	if path := os.Getenv("CHATRELAY_SOCKET"); path != "" {
		return path
	}
	return "/run/chatrelay/socket"
}

type answer struct {
	OK      bool   `json:"ok"`
	ID      int64  `json:"id"`
	Message string `json:"message"`
	Retry   bool   `json:"retry"`
}

// failure is why a message is not on disk, or not known to be there, and the exit status that says so.
type failure struct {
	status int
	reason string
}

func (f failure) Error() string { return f.reason }

func unknown(err error) error {
	return failure{12, "whether it is stored is not known: " + err.Error()}
}

// send returns the message's number once it is on disk. With the same once it may be repeated
// after any failure: the relay recognizes it for a day.
func send(to, content, once string) (int64, error) {
	relay, err := net.DialTimeout("unix", socket(), 10*time.Second)
	if err != nil {
		return 0, failure{69, err.Error()}
	}
	defer relay.Close()
	relay.SetDeadline(time.Now().Add(30 * time.Second))
	request := map[string]string{"to": to, "content": content, "once": once}
	if err := json.NewEncoder(relay).Encode(request); err != nil {
		return 0, unknown(err)
	}
	line, err := bufio.NewReader(relay).ReadBytes('\n')
	if err != nil {
		return 0, unknown(err)
	}
	var said answer
	if err := json.Unmarshal(line, &said); err != nil {
		return 0, unknown(err)
	}
	if !said.OK && said.Retry {
		return 0, failure{75, said.Message}
	}
	if !said.OK {
		return 0, failure{65, said.Message}
	}
	return said.ID, nil
}

func main() {
	if len(os.Args) != 3 && len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: send THREAD TEXT [ONCE]")
		os.Exit(64)
	}
	once := fmt.Sprintf("%x-%d", time.Now().UnixNano(), os.Getpid())
	if len(os.Args) == 4 {
		once = os.Args[3]
	}
	id, err := send(os.Args[1], os.Args[2], once)
	var why failure
	if errors.As(err, &why) {
		fmt.Fprintf(os.Stderr, "send: %s (once: %s)\n", why.reason, once)
		os.Exit(why.status)
	}
	fmt.Println(id)
}
