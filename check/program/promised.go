package program

// promised reports whether a value is a promise that is known to be one: of a function of
// the project, of the language, of the platform, or of a package that sends requests.
// What another package gives back decides by itself when, and whether, it goes on.
func (p *Program) promised(t *Term, depth int) bool {
	t = p.settled(t)
	if t.Kind == Choice && depth < 4 {
		for _, o := range t.Args {
			if p.promised(o, depth+1) {
				return true
			}
		}
		return false
	}
	if t.Kind == External {
		return requesting[t.Name]
	}
	if t.Kind != Result || t.Fn != nil || len(t.Args) == 0 || depth > 8 {
		return true
	}
	callee := t.Args[0]
	if _, ok := p.known(callee, t.Name); ok {
		return true
	}
	switch callee.Kind {
	case External:
		return platforms[callee.Name] || requesting[callee.Name]
	case Result: // axios.create(…).post(…), load().then(…)
		return p.promised(callee, depth+1)
	case Method:
		return len(callee.Args) == 0 || p.promised(callee.Args[0], depth+1)
	case Unknown:
		return false
	}
	return true
}

// requesting are packages that send requests, whose promises go on with the answer.
var requesting = map[string]bool{
	"axios": true, "luch-request": true, "flyio": true, "flyio/dist/npm/wx": true, "flyio/dist/npm/ap": true, "uni-ajax": true, "umi-request": true,
	"ky": true, "superagent": true, "alova": true, "@escook/request-miniprogram": true, "wefetch": true, "taro-axios": true, "axios-miniprogram": true,
	"ofetch": true, "vue-request": true, "ahooks": true,
}
