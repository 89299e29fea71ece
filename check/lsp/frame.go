package lsp

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"strconv"
	"strings"
	"sync"

	"github.com/creachadair/jrpc2/channel"
)

// What a message may be at most. A header that lies must cost nothing.
const (
	maxMessage    = 64 << 20 // bytes; a document is sent whole
	maxHeaderLine = 4 << 10  // bytes
	maxHeaders    = 16
)

// errFrame is wrapped by whatever is wrong between messages. Nothing can be read
// after it, because nobody knows where the next message begins.
var errFrame = errors.New("lsp: the stream holds no message")

// readFrame reads one message: header fields, an empty line, and as many bytes as
// Content-Length says (Language Server Protocol 3.17, Base Protocol). io.EOF means
// that the stream ended between messages.
func readFrame(r *bufio.Reader) ([]byte, error) {
	length := -1
	for fields := 0; ; fields++ {
		line, err := headerLine(r)
		if err != nil {
			if errors.Is(err, io.EOF) && (fields > 0 || line != "") {
				err = fmt.Errorf("%w: it ends within a header", errFrame)
			}
			return nil, err
		}
		if line == "" {
			break
		}
		if fields == maxHeaders {
			return nil, fmt.Errorf("%w: more than %d header fields", errFrame, maxHeaders)
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return nil, fmt.Errorf("%w: a header field without a colon", errFrame)
		}
		value = strings.TrimSpace(value)
		switch strings.ToLower(name) {
		case "content-length":
			n, err := strconv.ParseUint(value, 10, 31)
			if err != nil || length >= 0 && int(n) != length {
				return nil, fmt.Errorf("%w: Content-Length is no length", errFrame)
			}
			length = int(n)
		case "content-type":
			if _, params, err := mime.ParseMediaType(value); err == nil && params["charset"] != "" {
				if c := strings.ToLower(params["charset"]); c != "utf-8" && c != "utf8" {
					return nil, fmt.Errorf("%w: it is not in UTF-8", errFrame)
				}
			}
		}
	}
	if length < 0 {
		return nil, fmt.Errorf("%w: Content-Length is missing", errFrame)
	}
	if length > maxMessage {
		return nil, fmt.Errorf("%w: a message of %d bytes; the limit is %d", errFrame, length, maxMessage)
	}
	// The buffer grows with what arrives, not with what was announced.
	var body bytes.Buffer
	if _, err := io.CopyN(&body, r, int64(length)); err != nil {
		return nil, fmt.Errorf("%w: it ends within a message", errFrame)
	}
	return body.Bytes(), nil
}

// headerLine is a line without its end.
func headerLine(r *bufio.Reader) (string, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxHeaderLine {
			return "", fmt.Errorf("%w: a header line of more than %d bytes", errFrame, maxHeaderLine)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil {
			return string(line), err
		}
		return strings.TrimRight(string(line), "\r\n"), nil
	}
}

// frames is the library's channel over a stream. Sending never waits for the
// editor, which may itself be waiting to be read from; Close frees a waiting Recv
// even where the stream cannot be interrupted, as a terminal cannot.
type frames struct {
	in     chan message
	closed chan struct{}
	once   sync.Once

	mu      sync.Mutex
	some    *sync.Cond // queue, failed or closed changed
	queue   [][]byte
	failed  error
	written chan struct{} // closed when nothing more will be written
}

type message struct {
	body []byte
	err  error
}

// newFrames begins to read and to write. The goroutine that reads ends with the
// stream; if nobody ever ends it, with the program.
func newFrames(in io.Reader, out io.Writer) *frames {
	f := &frames{in: make(chan message), closed: make(chan struct{}), written: make(chan struct{})}
	f.some = sync.NewCond(&f.mu)
	go f.read(bufio.NewReader(in))
	go f.write(out)
	return f
}

func (f *frames) read(r *bufio.Reader) {
	for {
		body, err := readFrame(r)
		select {
		case f.in <- message{body, err}:
		case <-f.closed:
			return
		}
		if err != nil {
			return
		}
	}
}

// write ends after Close, when all that was sent is written, or when the stream
// takes no more.
func (f *frames) write(out io.Writer) {
	defer close(f.written)
	for {
		f.mu.Lock()
		for len(f.queue) == 0 && !f.isClosed() {
			f.some.Wait()
		}
		if len(f.queue) == 0 {
			f.mu.Unlock()
			return
		}
		body := f.queue[0]
		f.queue = f.queue[1:]
		f.mu.Unlock()
		frame := append([]byte("Content-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"), body...)
		if _, err := out.Write(frame); err != nil {
			f.mu.Lock()
			f.failed, f.queue = err, nil
			f.mu.Unlock()
			return
		}
	}
}

func (f *frames) isClosed() bool {
	select {
	case <-f.closed:
		return true
	default:
		return false
	}
}

func (f *frames) Send(body []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failed != nil {
		return f.failed
	}
	if f.isClosed() {
		return channel.ErrClosed
	}
	f.queue = append(f.queue, bytes.Clone(body))
	f.some.Signal()
	return nil
}

func (f *frames) Recv() ([]byte, error) {
	if f.isClosed() {
		return nil, channel.ErrClosed
	}
	select {
	case m := <-f.in:
		return m.body, m.err
	case <-f.closed:
		return nil, channel.ErrClosed
	}
}

func (f *frames) Close() error {
	f.once.Do(func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		close(f.closed)
		f.some.Signal()
	})
	return nil
}
