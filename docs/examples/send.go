// send.go - post a message: go run send.go THREAD TEXT
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

const socket = "/run/chatrelay/socket"

type answer struct {
	OK      bool   `json:"ok"`
	ID      int64  `json:"id"`
	Message string `json:"message"`
	Retry   bool   `json:"retry"`
}

// send returns the message's number once it is on disk. With the same once it may be repeated
// after any error: the relay recognizes it for a day.
func send(to, content, once string) (int64, error) {
	relay, err := net.DialTimeout("unix", socket, 10*time.Second)
	if err != nil {
		return 0, err
	}
	defer relay.Close()
	relay.SetDeadline(time.Now().Add(30 * time.Second))
	request := map[string]string{"to": to, "content": content, "once": once}
	if err := json.NewEncoder(relay).Encode(request); err != nil {
		return 0, err
	}
	line, err := bufio.NewReader(relay).ReadBytes('\n')
	if err != nil {
		return 0, err
	}
	var said answer
	if err := json.Unmarshal(line, &said); err != nil {
		return 0, err
	}
	if !said.OK {
		return 0, errors.New(said.Message)
	}
	return said.ID, nil
}

func main() {
	once := fmt.Sprintf("%x-%d", time.Now().UnixNano(), os.Getpid())
	id, err := send(os.Args[1], os.Args[2], once)
	if err != nil {
		fmt.Fprintln(os.Stderr, "send:", err)
		os.Exit(75)
	}
	fmt.Println(id)
}
