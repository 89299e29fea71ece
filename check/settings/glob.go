package settings

import (
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"clew/finding"
)

// Reads reports whether the file or folder is read at all: neither it nor a folder
// above it is ignored.
func (s Settings) Reads(name string) bool { return !covered(s.Paths.Ignore, name) }

// Reports reports whether a finding may stand in the file.
func (s Settings) Reports(name string) bool {
	return s.Reads(name) && (len(s.Paths.Include) == 0 || covered(s.Paths.Include, name))
}

// Idle notes each include that matches none of files: nothing is reported for it,
// which must not look like nothing was found.
func (s Settings) Idle(files []string) []finding.Note {
	var notes []finding.Note
	for _, glob := range s.Paths.Include {
		one := []string{glob}
		if slices.ContainsFunc(files, func(f string) bool { return covered(one, f) }) {
			continue
		}
		notes = append(notes, finding.Note{
			Code: "include-idle", File: s.File, Detail: glob, Incomplete: true,
			Message: finding.Say("paths.include 的 "+glob+" 没有匹配到任何文件，请核对路径", "paths.include "+glob+" matches no file; see whether the path is right"),
		})
	}
	return notes
}

// covered reports whether a glob matches name or a folder above it.
func covered(globs []string, name string) bool {
	if len(globs) == 0 {
		return false
	}
	for at := path.Clean(name); at != "." && at != "/"; at = path.Dir(at) {
		for _, g := range globs {
			if doublestar.MatchUnvalidated(g, at) {
				return true
			}
		}
	}
	return false
}

// globFault says why a glob cannot match anything, nil if it can.
func globFault(glob string) *fault {
	for _, bad := range []struct {
		is         bool
		zh, en     string
		fixZ, fixE string
	}{
		{glob == "", "通配路径为空", "the glob is empty", "删除这一项，或写成 pages/**", "remove it, or write one such as pages/**"},
		{strings.HasPrefix(glob, "!"), "通配路径不能用 ! 取反", "a glob cannot be negated with !", "包含写在 include，排除写在 ignore", "write what is wanted under include and what is not under ignore"},
		{strings.Contains(glob, `\`), "路径分隔符用了反斜杠", "it has a backslash", "改用 /", "use / between folders"},
		{path.IsAbs(glob) || len(glob) > 1 && glob[1] == ':', "通配路径是绝对路径，匹配不到任何文件", "it is an absolute path and can match nothing", "从被检查的目录写起，如 pages/**", "write it from the folder that is checked, as pages/**"},
		{strings.HasSuffix(glob, "/"), "以 / 结尾，匹配不到任何文件", "it ends with / and can match nothing", "去掉末尾的 /，匹配文件夹即包含其中全部内容", "leave the last / out; a folder covers all that is in it"},
		{slices.ContainsFunc(strings.Split(glob, "/"), func(s string) bool { return s == "." || s == ".." || s == "" }), "含有 .、.. 或空的一段，匹配不到任何文件", "it has a part that is empty, . or .. and can match nothing", "从被检查的目录写起，如 pages/**", "write it from the folder that is checked, as pages/**"},
		{!doublestar.ValidatePattern(glob), "通配路径的 [ ] 或 { } 没有配对", "its [ ] or { } do not pair", "补上缺少的一半", "add the missing half"},
	} {
		if bad.is {
			return &fault{finding.Say(bad.zh, bad.en), finding.Say(bad.fixZ, bad.fixE)}
		}
	}
	return nil
}

// fileFault says why a path cannot name a file inside the tree, nil if it can.
func fileFault(name string) *fault {
	if name == "" || strings.Contains(name, `\`) || path.IsAbs(name) || len(name) > 1 && name[1] == ':' ||
		path.Clean(name) != name || name == "." || name == ".." || strings.HasPrefix(name, "../") {
		return &fault{
			finding.Say("不是项目内的相对路径", "it is no path inside the project"),
			finding.Say("从被检查的目录写起，用 / 分隔，如 clew.baseline.json", "write it from the folder that is checked, with /, as clew.baseline.json"),
		}
	}
	return nil
}
