package code

// exportAssign notices module.exports = v, module.exports.a = v and exports.a = v.
func (l *lowerer) exportAssign(to, v *Value) {
	if to.Kind != Member || l.quiet {
		return
	}
	name := ""
	switch {
	case isModuleExports(to):
		name = "="
	case isExports(to.Args[0]):
		name = to.Str
	default:
		return
	}
	for v.Kind == Assign && len(v.Args) == 2 { // exports.a = exports.b = v
		v = v.Args[1]
	}
	l.export(name, v)
}

func isModuleExports(v *Value) bool {
	return v.Kind == Member && v.Str == "exports" && v.Args[0].Kind == Global && v.Args[0].Str == "module"
}

func isExports(v *Value) bool {
	return v.Kind == Global && v.Str == "exports" || isModuleExports(v)
}

// exportCall notices the calls by which compilers export:
// Object.defineProperty(exports, "a", …), Object.assign(exports, …) and
// __exportStar(require("x"), exports).
func (l *lowerer) exportCall(call *Value) {
	callee, args := call.Args[0], call.Args[1:]
	name := callee.Str
	if callee.Kind == Local {
		name = callee.Var.Name
	}
	switch name {
	case "defineProperty":
		if len(args) < 3 || !isExports(args[0]) || args[1].Kind != String || args[2].Kind != Object {
			return
		}
		for _, p := range args[2].Args {
			if p.Kind != Prop {
				continue
			}
			switch v := p.Args[0]; {
			case p.Str == "value" && args[1].Str != "__esModule":
				l.export(args[1].Str, v)
			case p.Str == "get" && v.Kind == Function && len(v.Func.Ops) > 0:
				if last := v.Func.Ops[len(v.Func.Ops)-1]; last.Kind == OpReturn && last.Value != nil {
					l.export(args[1].Str, last.Value)
				}
			}
		}
	case "assign":
		if len(args) < 2 || !isExports(args[0]) {
			return
		}
		for _, from := range args[1:] {
			if from.Kind != Object {
				continue
			}
			for _, p := range from.Args {
				if p.Kind == Prop && len(p.Args) == 1 && !p.Flag {
					l.export(p.Str, p.Args[0])
				}
			}
		}
	case "__exportStar":
		if len(args) == 2 && args[0].Kind == Imported && isExports(args[1]) && !l.quiet {
			l.m.Stars = append(l.m.Stars, args[0].Str)
		}
	}
}
