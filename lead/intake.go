package lead

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"clew/component"
	"clew/consent"
	"clew/db"
	"clew/exchange"
	"clew/funnel"
	"clew/outbox"
	"clew/phone"
	"clew/seal"
)

// Submission is what a person sent, as the edge read it.
type Submission struct {
	Key     string // idempotency key
	Form    consent.Form
	Act     consent.Act
	Answers map[string]string
	CodeID  string // both empty where the component takes typed numbers
	Code    string
	// Grant stands for the number where a platform gave the page one; then the phone
	// field is not answered, and no code is needed. Zero where the number was typed.
	Grant exchange.Grant
	// Scene and Page say where the form stood; they hold no query and nothing
	// about the person.
	Scene, Page string
	// Room, Video and Promotion are the host platform's ids of what led here, Region a
	// district code; empty where none did. What is none of these is not kept.
	Room, Video, Promotion, Region string
}

// Accepted is the answer to a stored submission.
type Accepted struct {
	Lead     string
	Number   string // of the receipt
	At       time.Time
	Test     bool
	Replayed bool // the key was seen before and this is the answer it got
}

// BadAnswers lists everything that is wrong with the answers, at once.
type BadAnswers struct{ Problems []component.Problem }

func (e *BadAnswers) Error() string {
	return fmt.Sprintf("%d answers cannot be taken as they are", len(e.Problems))
}

// Intake takes submissions in. Many callers share one transaction and one fsync;
// each is answered only after it.
type Intake struct {
	DB     *db.DB
	Ring   *seal.Ring
	Phone  *phone.Room
	Outbox *outbox.Room
	Log    *slog.Logger
	// Funnel counts what is stored; nil counts nothing.
	Funnel *funnel.Room
	// Exchange turns grants into numbers; nil refuses them.
	Exchange *exchange.Room
	// Components remembers published versions, which never change.
	versions versions

	shards []chan *job
	done   sync.WaitGroup
	stop   chan struct{}
}

// batchSize bounds how many submissions share a transaction: enough to hide the
// fsync, few enough that the last one does not wait for long.
const batchSize = 64

// keyForm is the shape of an idempotency key.
var keyForm = regexp.MustCompile(`^[A-Za-z0-9_-]{8,128}$`)

// codeForm is the shape of the id of a code.
var codeForm = regexp.MustCompile(`^code_[0-9a-z]{26}$`)

// printable is text when it is short printable ASCII, as scenes and origins are;
// anything else says nothing worth keeping.
func printable(text string) string {
	if len(text) > 300 || strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return ""
	}
	return text
}

// Start begins writing; [Intake.Stop] ends it. SQLite has one writer; on
// PostgreSQL four write side by side, each operator always through the same one.
func (in *Intake) Start() {
	n := 1
	if in.DB.Engine() == "postgres" {
		n = 4
	}
	in.stop = make(chan struct{})
	in.versions.db = in.DB
	for range n {
		c := make(chan *job, 4*batchSize)
		in.shards = append(in.shards, c)
		in.done.Go(func() { in.write(c) })
	}
}

// Stop answers what was taken in and returns. Accept must not be called after it.
func (in *Intake) Stop() {
	close(in.stop)
	in.done.Wait()
}

// job is one submission on its way through a writer.
type job struct {
	operator  string
	version   *component.Version
	component string
	answers   []component.Answer
	number    phone.Number
	sealed    []byte
	wrapped   seal.Wrapped
	receipt   consent.Receipt
	lead      string
	index     string
	once      string // tag of the idempotency key
	body      string // tag of the body

	duplicateOf string
	// before is an earlier lead of the same number in the app today; "" for none.
	before string
	// follows is the same submission earlier in this batch, whose answer is this one's.
	follows *job
	// first says that a target of the component waits for its first report.
	first bool
	sub   Submission

	accepted Accepted
	err      error
	ready    chan struct{}
}

// Accept stores one lead with its receipt, or says why not. Its refusals:
// component.ErrUnknown, component.ErrUnpublished, *consent.Unproven, *[BadAnswers],
// *capability.Closed, component.ErrInvalid, *exchange.Failed, *exchange.BadGrant, [ErrKey], [ErrKeyReused]; a
// refusal stores nothing (but a wrong code counts as a try). When ctx ends first the lead may still be stored:
// ask again with the same key.
func (in *Intake) Accept(ctx context.Context, s Submission) (Accepted, error) {
	j, err := in.prepare(ctx, s)
	if err != nil {
		return Accepted{}, err
	}
	if j.accepted.Replayed {
		return j.accepted, nil
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(j.operator))
	select {
	case in.shards[h.Sum32()%uint32(len(in.shards))] <- j:
	case <-ctx.Done():
		return Accepted{}, ctx.Err()
	}
	select {
	case <-j.ready:
		return j.accepted, j.err
	case <-ctx.Done():
		return Accepted{}, ctx.Err()
	}
}

// prepare does everything that needs no transaction, on the caller's time. A job
// that comes back Replayed has its answer already.
func (in *Intake) prepare(ctx context.Context, s Submission) (*job, error) {
	if !keyForm.MatchString(s.Key) {
		return nil, ErrKey
	}
	if s.CodeID != "" && !codeForm.MatchString(s.CodeID) {
		return nil, &BadAnswers{[]component.Problem{{Field: "code", Code: "code_unknown"}}}
	}
	s.Scene, s.Page = printable(s.Scene), printable(s.Page)
	v, err := in.versions.get(ctx, s.Form.Component, s.Form.Version)
	if err != nil {
		return nil, err
	}
	lang := s.Form.Lang
	notice := v.notices[lang]
	if s.granted() {
		s.Act.Gesture.Host = string(s.Grant.Platform)
	}
	if err := consent.Prove(s.Act, s.Form, notice, v.required, v.optional, in.DB.Now()); err != nil {
		return nil, err
	}
	s.Scene, s.Act.Gesture.Trigger = withoutNumbers(s.Scene), withoutNumbers(s.Act.Gesture.Trigger)
	answers, problems := answersOf(v, s)
	if v.Definition.Verification == component.Verified && !s.granted() && (s.CodeID == "" || s.Code == "") {
		problems = append(problems, component.Problem{Field: "code", Code: "code_missing"})
	}
	if len(problems) > 0 {
		return nil, &BadAnswers{problems}
	}
	j := &job{
		operator: v.Operator, component: v.Component, version: v.Version, answers: answers, sub: s,
		lead: db.NewID("lead"), ready: make(chan struct{}),
	}
	j.once = hex.EncodeToString(in.Ring.MAC("idempotency key", j.component, s.Key)[:16])
	j.body = in.bodyTag(j)
	if s.granted() {
		if err := in.granted(ctx, j); err != nil || j.accepted.Replayed {
			return j, err
		}
	}
	key, wrapped, err := in.Ring.NewDataKey(j.operator, j.lead)
	if err != nil {
		return nil, err
	}
	j.wrapped = wrapped
	sealed := make(map[string][]byte, len(answers))
	for _, a := range answers {
		value := a.Value
		if a.Kind == component.KindPhone {
			j.number = a.Phone
			value = a.Phone.E164()
		}
		sealed[a.Field] = key.Seal(a.Field, []byte(value))
	}
	if j.sealed, err = json.Marshal(sealed); err != nil {
		return nil, err
	}
	j.index = in.Ring.Index(j.operator, phoneIndex, j.number.E164())
	j.receipt = consent.NewReceipt(consent.Receipt{
		Operator: j.operator, Component: j.component, ComponentVersion: v.Number,
		NoticeVersion: notice.Version, NoticeHash: notice.Hash, Lang: lang, Edition: v.Edition,
		Lead: j.lead, Choices: s.Act.Choices, Gesture: s.Act.Gesture, Form: s.Form, Test: s.Form.Test,
	})
	return j, nil
}

// bodyTag tells two submissions apart without holding either: it is keyed, since
// a bare hash of a body that holds a phone number is the number. The code is left
// out: a retry after a wrong one is the same submission. A grant stands for the
// number it will give.
func (in *Intake) bodyTag(j *job) string {
	parts := []string{j.component, j.sub.Act.NoticeHash}
	for _, a := range j.answers {
		value := a.Value
		if a.Kind == component.KindPhone {
			value = a.Phone.E164()
			if j.sub.granted() {
				value = "grant " + exchange.Tag(in.Ring, j.operator, j.sub.Grant)
			}
		}
		parts = append(parts, a.Field, value)
	}
	for _, c := range j.sub.Act.Choices {
		parts = append(parts, c.ID, fmt.Sprint(c.Accepted))
	}
	return hex.EncodeToString(in.Ring.MAC("idempotency body", parts...)[:16])
}

// write is one writer: it takes what is waiting, up to a batch, and commits it.
func (in *Intake) write(c chan *job) {
	batch := make([]*job, 0, batchSize)
	for {
		batch = batch[:0]
		select {
		case j := <-c:
			batch = append(batch, j)
		case <-in.stop:
			// Nothing is sent after Stop; what is left is answered.
			for len(c) > 0 && len(batch) < batchSize {
				batch = append(batch, <-c)
			}
			if len(batch) == 0 {
				return
			}
			in.commit(batch)
			continue
		}
		for len(c) > 0 && len(batch) < batchSize {
			batch = append(batch, <-c)
		}
		in.commit(batch)
	}
}

// commit stores a batch and answers everyone in it. What one submission spoils (a
// key that another process took in between, a text the store will not have) fails
// the whole transaction; then each is tried alone, and only the one fails.
func (in *Intake) commit(batch []*job) {
	err := in.transact(batch)
	if err == nil || db.IsUnavailable(err) {
		if err != nil {
			in.Log.Error("intake could not commit", "submissions", len(batch), "error", err)
		}
		finish(batch, err)
		return
	}
	for _, j := range batch {
		one := []*job{j}
		err := in.transact(one)
		if db.IsUnique(err) || db.IsSerialization(err) {
			err = in.transact(one)
		}
		if err != nil {
			in.Log.Error("intake could not commit", "submissions", 1, "error", err)
		}
		finish(one, err)
	}
}

func finish(batch []*job, err error) {
	for _, j := range batch {
		if err != nil {
			j.accepted, j.err = Accepted{}, err
		}
		close(j.ready)
	}
}

func (in *Intake) transact(batch []*job) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for _, j := range batch {
		j.accepted, j.err, j.follows, j.duplicateOf, j.before = Accepted{}, nil, nil, "", ""
	}
	return in.DB.Write(ctx, func(tx *db.Tx) error {
		// Operators share a transaction, never a statement.
		byOperator := map[string][]*job{}
		var order []string
		for _, j := range batch {
			if byOperator[j.operator] == nil {
				order = append(order, j.operator)
			}
			byOperator[j.operator] = append(byOperator[j.operator], j)
		}
		slices.Sort(order) // one order for everybody's locks
		for _, operator := range order {
			if err := in.admit(ctx, tx, operator, byOperator[operator]); err != nil {
				return err
			}
		}
		return in.insert(ctx, tx, batch)
	})
}
