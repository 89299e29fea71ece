package check

// OnPage has f called before each page is judged.
func (o *Options) OnPage(f func(file string)) { o.onPage = f }
