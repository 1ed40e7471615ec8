package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// command is one line on stdin.
type command struct {
	ID  json.RawMessage `json:"id"`
	Cmd string          `json:"cmd"`

	// refuse, delay, clear
	Rule      string   `json:"rule"`
	Serial    string   `json:"serial"`
	Methods   []string `json:"methods"`
	Namespace string   `json:"namespace"`
	Code      string   `json:"code"`    // refuse; default PERMISSION_DENIED, what Temporal's certificate filters answer
	Message   string   `json:"message"` // refuse
	Ms        *float64 `json:"ms"`      // delay; absent: forever

	// await-client-cas
	File      string  `json:"file"`
	TimeoutMs float64 `json:"timeoutMs"`
}

type reply struct {
	Event string          `json:"event"`
	ID    json.RawMessage `json:"id"`
	OK    bool            `json:"ok"`
	Error string          `json:"error,omitempty"`
	Count int             `json:"count,omitempty"`
}

// commandLoop carries out what stdin says.
type commandLoop struct {
	rules    *ruleBook
	sessions *sessionWatch
	report   *reporter
}

// run returns when stdin ends.
func (l *commandLoop) run(in io.Reader) {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var c command
		if err := json.Unmarshal(line, &c); err != nil {
			l.answer(reply{Error: "not a command: " + err.Error()})
			continue
		}
		if c.Cmd == "await-client-cas" {
			go l.answer(l.carryOut(c)) // takes its time
		} else {
			l.answer(l.carryOut(c))
		}
	}
}

func (l *commandLoop) answer(r reply) {
	r.Event = "reply"
	r.OK = r.Error == ""
	l.report.sendAlways(r)
}

func (l *commandLoop) carryOut(c command) reply {
	answer := reply{ID: c.ID}
	var err error
	switch c.Cmd {
	case "ping":
	case "refuse":
		err = l.refuse(c)
	case "delay":
		err = l.delay(c)
	case "clear":
		answer.Count = l.rules.clear(c.Rule)
	case "await-client-cas":
		err = l.sessions.awaitClientCAs(c.File, milliseconds(c.TimeoutMs))
	default:
		err = fmt.Errorf("no such command: %q", c.Cmd)
	}
	if err != nil {
		answer.Error = err.Error()
	}
	return answer
}

func (l *commandLoop) refuse(c command) error {
	if c.Code == "" {
		c.Code = "PERMISSION_DENIED"
	}
	code, err := parseCode(c.Code)
	if err != nil {
		return err
	}
	if c.Message == "" {
		c.Message = "Request unauthorized."
	}
	r := c.rule()
	r.refuse, r.code, r.message = true, code, c.Message
	l.rules.add(r)
	return nil
}

func (l *commandLoop) delay(c command) error {
	r := c.rule()
	r.delay = forever
	if c.Ms != nil {
		r.delay = milliseconds(*c.Ms)
	}
	if r.delay <= 0 {
		return fmt.Errorf("a delay needs a positive number of milliseconds, not %v", *c.Ms)
	}
	l.rules.add(r)
	return nil
}

func (c command) rule() *rule {
	return &rule{id: c.Rule, serial: c.Serial, methods: c.Methods, namespace: c.Namespace}
}

func milliseconds(ms float64) time.Duration {
	return time.Duration(ms * float64(time.Millisecond))
}
