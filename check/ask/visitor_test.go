package ask

import (
	"testing"

	"clew/check/program"
	"clew/check/source/js"
)

func TestTruth(t *testing.T) {
	text := func(s string) *program.Term { return &program.Term{Kind: program.String, Str: s} }
	state := func(s string) *program.Term { return &program.Term{Kind: program.State, Str: s} }
	param := func(s string) *program.Term { return &program.Term{Kind: program.Param, Str: s} }
	op := func(o js.Op, args ...*program.Term) *program.Term {
		return &program.Term{Kind: program.Op, Operator: o, Args: args}
	}
	call := func(on *program.Term, name string, arg *program.Term) *program.Term {
		method := *on
		method.Str += "." + name
		return &program.Term{Kind: program.Result, Name: "x." + name, Args: []*program.Term{&method, arg}}
	}
	stored := &program.Term{Kind: program.Result, Name: "wx.getStorageSync", Args: []*program.Term{{Kind: program.Global, Str: "wx.getStorageSync"}, text("user_mobile")}}
	null := &program.Term{Kind: program.Null}
	for _, c := range []struct {
		name string
		term *program.Term
		leaf Leaf
		want program.Tri
	}{
		{"no number", op(js.OpNot, state("user.phone")), Newcomer, program.True},
		{"a number equals nothing", op(js.OpEq, state("info.telphone"), text("")), Newcomer, program.True},
		{"a number is null", op(js.OpStrictNe, state("hasphone"), null), Newcomer, program.False},
		{"a stored number", op(js.OpNot, stored), Newcomer, program.True},
		{"length of a number", op(js.OpGreater, state("phone.length"), &program.Term{Kind: program.Number, Str: "0"}), Newcomer, program.False},
		{"a flag for the dialog is no number", op(js.OpNot, state("showPhone")), Newcomer, program.Maybe},
		{"a negative flag is not understood", state("noPhone"), Newcomer, program.Maybe},
		{"a shop's number is not the person's", op(js.OpNot, state("shopPhone")), Newcomer, program.Maybe},
		{"or something else", op(js.OpOr, op(js.OpNot, state("mobile")), state("x")), Newcomer, program.True},
		{"and something else", op(js.OpAnd, op(js.OpNot, state("mobile")), state("x")), Newcomer, program.Maybe},
		{"one of two alike", &program.Term{Kind: program.Choice, Args: []*program.Term{text(""), null}}, nil, program.False},
		{"one of two", &program.Term{Kind: program.Choice, Args: []*program.Term{text("a"), null}}, nil, program.Maybe},
		{"refused: no code", op(js.OpNot, param("detail.code")), Refuser, program.True},
		{"refused: message", op(js.OpStrictEq, param("detail.errMsg"), text("getPhoneNumber:ok")), Refuser, program.False},
		{"refused: part of the message", op(js.OpEq, call(param("detail.errMsg"), "indexOf", text("fail")), &program.Term{Kind: program.Number, Str: "-1"}), Refuser, program.False},
		{"refused: includes", call(param("detail.errMsg"), "includes", text(":ok")), Refuser, program.False},
		{"not asked", op(js.OpNot, param("detail.code")), nil, program.Maybe},
	} {
		if got := Truth(c.term, c.leaf); got != c.want {
			t.Errorf("%s: %s is %d, want %d", c.name, c.term, got, c.want)
		}
	}
}
