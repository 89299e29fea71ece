package access

import (
	"fmt"
	"slices"
	"strings"
)

// CallerKind says what sort of party is asking.
type CallerKind string

// The five kinds. A caller of any other kind may do nothing.
const (
	KindStaff CallerKind = "staff"
	KindKey   CallerKind = "key"
	// KindApp is an operator's own server that showed an app's secret.
	KindApp    CallerKind = "app"
	KindPerson CallerKind = "person"
	KindSystem CallerKind = "system"
)

// Role is what a member of staff was engaged for. The empty role may do nothing.
type Role string

const (
	// RoleOwner runs the operator's account.
	RoleOwner Role = "operator-owner"
	// RoleAgent works on leads: sees them masked and may reveal one at a time.
	RoleAgent Role = "operator-agent"
	// RoleAnalyst sees counts and definitions and never personal data, masked or not.
	RoleAnalyst Role = "operator-analyst"
	// RoleAdmin runs the installation and belongs to no operator. It never reads leads.
	RoleAdmin Role = "platform-admin"

	// The desks that handle violations (norm 四). Each does one thing; who has done one
	// part of a matter may not do the next (casework asks).
	RoleInspector      Role = "platform-inspector"       // takes reports in, works cases, re-inspects
	RoleReviewer       Role = "platform-reviewer"        // decides
	RoleApprover       Role = "platform-approver"        // the second person of severe decisions
	RoleAppeals        Role = "platform-appeals"         // answers appeals
	RolePolicyEditor   Role = "platform-policy-editor"   // writes editions of the policy
	RolePolicyApprover Role = "platform-policy-approver" // approves them
	RoleAuditor        Role = "platform-auditor"         // reads everything, changes nothing
)

// Roles lists every role, the widest first.
func Roles() []Role {
	return []Role{
		RoleOwner, RoleAgent, RoleAnalyst, RoleAdmin,
		RoleInspector, RoleReviewer, RoleApprover, RoleAppeals, RolePolicyEditor, RolePolicyApprover, RoleAuditor,
	}
}

// fits reports whether a holder of the role may belong to operator: operators'
// roles need one, the platform's must have none.
func (r Role) fits(operator string) bool {
	switch r {
	case RoleOwner, RoleAgent, RoleAnalyst:
		return operator != ""
	case RoleAdmin, RoleInspector, RoleReviewer, RoleApprover, RoleAppeals, RolePolicyEditor, RolePolicyApprover, RoleAuditor:
		return operator == ""
	}
	return false
}

// Scopes is a set of what an API key is for. The zero value allows nothing.
type Scopes uint8

const (
	// ScopeRead reads definitions, counts and masked leads.
	ScopeRead Scopes = 1 << iota
	// ScopeReveal reads personal data in the clear. It does not include ScopeRead.
	ScopeReveal
	// ScopeWrite changes definitions, endpoints and the state of leads.
	ScopeWrite
	// ScopeHost issues codes for people who are signed in to the host app. Only a key
	// of the platform has it, and nothing beside it.
	ScopeHost
)

// operatorScopes are what an operator's keys and apps may have.
const operatorScopes = ScopeRead | ScopeReveal | ScopeWrite

var scopeNames = []struct {
	scope Scopes
	name  string
}{{ScopeRead, "read"}, {ScopeReveal, "reveal"}, {ScopeWrite, "write"}, {ScopeHost, "host"}}

// Names lists the scopes by their names, in a fixed order.
func (s Scopes) Names() []string {
	var names []string
	for _, n := range scopeNames {
		if s&n.scope != 0 {
			names = append(names, n.name)
		}
	}
	return names
}

// String is the names joined by commas, as they are stored.
func (s Scopes) String() string { return strings.Join(s.Names(), ",") }

// ParseScopes reads names as [Scopes.Names] writes them; an unknown name is
// an [*Invalid] entry.
func ParseScopes(names ...string) (Scopes, error) {
	var s Scopes
	for _, name := range names {
		i := slices.IndexFunc(scopeNames, func(n struct {
			scope Scopes
			name  string
		},
		) bool {
			return n.name == name
		})
		if i < 0 {
			return 0, &Invalid{"scopes", "unknown", "scopes are read, reveal and write; the host app's is host"}
		}
		s |= scopeNames[i].scope
	}
	return s, nil
}

// Caller is who asks for something. It is a plain value: make one with
// [Room.FromSession], [Room.FromKey], [Room.ForApp] or [System], or literally in a test.
// The zero value may do nothing.
type Caller struct {
	Kind CallerKind
	// ID is the staff id, the key id, the app id, what proved the person's claim (a receipt's
	// id, never a phone number), or the name of the part of the program.
	ID string
	// Operator is whose data the caller may touch; every query is bound by it.
	// Empty only for the platform's own staff, the host app's key and system work
	// across operators.
	Operator string
	// Name is for people to read; it is never stored.
	Name   string
	Role   Role   // staff only
	Test   bool   // made by a test key: may see and make test leads only
	Scopes Scopes // keys and apps only
}

// System is the program itself at work for an operator (or for the whole
// installation when operator is empty), name saying which part: "retention".
// It may do everything; what it does is recorded like anybody's act.
func System(operator, name string) Caller {
	return Caller{Kind: KindSystem, ID: name, Operator: operator, Name: name}
}

// standing is by what right the caller acts: the role, the key's scopes, or the kind.
func (c Caller) standing() string {
	switch c.Kind {
	case KindStaff:
		return string(c.Role)
	case KindKey:
		return "key:" + c.Scopes.String()
	case KindApp:
		return "app:" + c.Scopes.String()
	}
	return string(c.Kind)
}

// May reports whether the caller may do act. An unknown act is refused to everybody.
func (c Caller) May(act Act) bool {
	row, known := table[act]
	if !known {
		return false
	}
	switch c.Kind {
	case KindSystem:
		return true
	case KindStaff:
		return c.Role.fits(c.Operator) && slices.Contains(row.roles, c.Role)
	case KindKey:
		if c.Operator == "" {
			return c.Scopes == ScopeHost && row.scopes&ScopeHost != 0
		}
		return c.Scopes&operatorScopes&row.scopes != 0
	case KindApp:
		return c.Operator != "" && c.Scopes&operatorScopes&row.app != 0
	case KindPerson:
		return c.Operator != "" && row.person
	}
	return false
}

// Require is [Caller.May] as an error: nil or [*Denied]. It records nothing;
// use [Room.Do] or [Room.Check] for whatever a person outside can ask for.
func (c Caller) Require(act Act) error {
	if c.May(act) {
		return nil
	}
	return &Denied{Act: act, Role: Role(c.standing())}
}

// Denied says that the caller may not do the act, whatever the subject.
type Denied struct {
	Act Act
	// Role is the staff role; for others by what right they asked ("key:read", "person").
	Role Role
}

func (d *Denied) Error() string {
	return fmt.Sprintf("%s may not do %s: ask an owner for a role or a key that may", d.Role, d.Act)
}
