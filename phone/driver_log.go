package phone

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// LogDriver is for development: it sends nothing, prints each message with the
// number masked, and keeps the last 100 for the console's outbox page. It must not
// be used in production: whoever reads its output can prove any number.
type LogDriver struct {
	out io.Writer
	now func() time.Time

	mu       sync.Mutex
	messages []LogMessage
}

// LogMessage is a message that was not sent.
type LogMessage struct {
	At     time.Time
	Masked string
	Text   string
}

const maxMessages = 100

// NewLogDriver prints to out; now is the store's clock, [db.DB.Now].
func NewLogDriver(out io.Writer, now func() time.Time) *LogDriver {
	return &LogDriver{out: out, now: now}
}

// Send prints and keeps the message.
func (d *LogDriver) Send(_ context.Context, to Number, text string) error {
	m := LogMessage{At: d.now(), Masked: to.Mask(), Text: text}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.messages = append(d.messages, m)
	if len(d.messages) > maxMessages {
		d.messages = slices.Delete(d.messages, 0, len(d.messages)-maxMessages)
	}
	_, err := fmt.Fprintf(d.out, "SMS to %s: %s\n", m.Masked, m.Text)
	return err
}

// Messages is what was kept, newest first.
func (d *LogDriver) Messages() []LogMessage {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := slices.Clone(d.messages)
	slices.Reverse(out)
	return out
}
