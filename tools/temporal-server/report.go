package main

import (
	"encoding/json"
	"io"
	"os"
	"sync"
	"time"
)

// queueLimit bounds the lines that wait for a slow reader: about 16 MB, or several seconds of a loaded server.
const queueLimit = 65_536

// flushLimit is how long the end of the process waits for a reader.
const flushLimit = time.Second

// reporter writes JSON lines and never makes its callers wait: what a slow reader has no room for is counted and
// dropped. A reader that is gone ends the process.
type reporter struct {
	mu      sync.Mutex
	changed *sync.Cond
	queue   [][]byte
	writing bool
	dropped int
}

type droppedLine struct {
	Event string `json:"event"`
	Count int    `json:"count"`
}

type readyLine struct {
	Event string  `json:"event"`
	T     float64 `json:"t"`
}

func newReporter(out io.Writer) *reporter {
	r := &reporter{}
	r.changed = sync.NewCond(&r.mu)
	go r.write(out)
	return r
}

// send queues a line that may be dropped.
func (r *reporter) send(line any) {
	r.enqueue(line, false)
}

// sendAlways queues a line that somebody waits for. Its number is bounded by the number of commands.
func (r *reporter) sendAlways(line any) {
	r.enqueue(line, true)
}

func (r *reporter) enqueue(line any, always bool) {
	text, err := json.Marshal(line)
	if err != nil {
		panic(err) // our own types
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.queue) >= queueLimit && !always {
		r.dropped++
		return
	}
	r.queue = append(r.queue, append(text, '\n'))
	r.changed.Broadcast()
}

func (r *reporter) write(out io.Writer) {
	for {
		for _, line := range r.take() {
			if _, err := out.Write(line); err != nil {
				os.Exit(1)
			}
		}
	}
}

// take waits for lines and returns all that are queued.
func (r *reporter) take() [][]byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.writing = false
	r.changed.Broadcast()
	for len(r.queue) == 0 {
		r.changed.Wait()
	}
	lines := r.queue
	r.queue = nil
	r.writing = true
	if r.dropped > 0 {
		text, _ := json.Marshal(droppedLine{Event: "dropped", Count: r.dropped})
		lines = append(lines, append(text, '\n'))
		r.dropped = 0
	}
	return lines
}

func (r *reporter) flush() {
	time.AfterFunc(flushLimit, func() { os.Exit(0) })
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.queue) > 0 || r.writing {
		r.changed.Wait()
	}
}

// now is milliseconds since the Unix epoch, with fractions.
func now() float64 {
	return float64(time.Now().UnixMicro()) / 1000
}
