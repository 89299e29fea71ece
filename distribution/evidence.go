package distribution

import (
	"maps"
	"slices"
)

// seen is what was seen of one component.
type seen struct {
	all     count
	scenes  map[string]count
	regions map[[2]string]count // by scene and region
}

// evidence is what rankings know of a market, without a person in it.
type evidence struct {
	components map[string]*seen
	categories map[string]map[string]bool // components of each category
	all        count
	category   map[string]count
	// How much a parent says about its children, in shows.
	ofAll, ofScene, ofRegion float64
	ofCategory               map[string]float64
}

func newEvidence() *evidence {
	return &evidence{components: map[string]*seen{}, categories: map[string]map[string]bool{}, category: map[string]count{}}
}

func (e *evidence) add(component, scene, region string, shows, valid float64) {
	s := e.components[component]
	if s == nil {
		s = &seen{scenes: map[string]count{}, regions: map[[2]string]count{}}
		e.components[component] = s
	}
	plus := func(c count) count { return count{c.shows + shows, c.valid + valid} }
	s.all, s.scenes[scene] = plus(s.all), plus(s.scenes[scene])
	s.regions[[2]string{scene, region}] = plus(s.regions[[2]string{scene, region}])
	e.all = plus(e.all)
}

func (e *evidence) file(component, category string) {
	if e.categories[category] == nil {
		e.categories[category] = map[string]bool{}
	}
	e.categories[category][component] = true
}

// Where nothing differs measurably yet, what is seen elsewhere counts this much.
const (
	firstCategory = 50
	firstInside   = 30
)

// learn estimates the strengths from everything that was added.
func (e *evidence) learn() {
	var categories []count
	e.ofCategory = map[string]float64{}
	e.category = map[string]count{}
	for _, category := range slices.Sorted(maps.Keys(e.categories)) {
		var members []count
		sum := count{}
		for component := range e.categories[category] {
			if s := e.components[component]; s != nil {
				members = append(members, s.all)
				sum = count{sum.shows + s.all.shows, sum.valid + s.all.valid}
			}
		}
		e.category[category] = sum
		e.ofCategory[category] = strengthOf([][]count{members}, firstInside)
		categories = append(categories, sum)
	}
	e.ofAll = strengthOf([][]count{categories}, firstCategory)
	var scenes, regions [][]count
	for _, s := range e.components {
		scenes = append(scenes, slices.Collect(maps.Values(s.scenes)))
		byScene := map[string][]count{}
		for at, c := range s.regions {
			byScene[at[0]] = append(byScene[at[0]], c)
		}
		for _, list := range byScene {
			regions = append(regions, list)
		}
	}
	e.ofScene, e.ofRegion = strengthOf(scenes, firstInside), strengthOf(regions, firstInside)
}

// Level is a step of how a rate was estimated: what was seen there and not further
// down, and what is believed after it.
type Level struct {
	Name         string  `json:"level" doc:"all, category, component, source, region"`
	Shows        int64   `json:"shows" doc:"seen at this level and not at a lower one"`
	Valid        int64   `json:"valid_leads"`
	Strength     float64 `json:"strength" doc:"what the level above is worth here, in shows"`
	Mean         float64 `json:"rate" doc:"expected valid leads per show from here up"`
	StdDeviation float64 `json:"std_dev"`
}

// about is what is believed of a component's rate in a category, from a source and in
// a region, and (with steps) how. Nothing that was seen counts at two levels.
func (e *evidence) about(component, category, scene, region string, steps *[]Level) (prior, posterior belief, here count) {
	own := e.components[component]
	if own == nil {
		own = &seen{}
	}
	inScene := own.scenes[scene]
	if scene == "" { // any source
		inScene = own.all
	}
	here = own.regions[[2]string{scene, region}]
	if scene == "" {
		here = own.inRegion(region)
	}
	// Half a lead in fifty shows before anything was seen: wide, and not zero.
	b := belief{0.01, 0.01 * 0.99 / 51}.given(50, e.all.less(e.category[category]))
	step := func(name string, c count, strength float64) {
		if steps != nil {
			*steps = append(*steps, Level{name, int64(c.shows), int64(c.valid), strength, b.mean, sqrt(b.variance)})
		}
	}
	step("all", e.all.less(e.category[category]), 50)
	inCategory := e.category[category].less(own.all)
	b = b.given(e.ofAll, inCategory)
	step("category", inCategory, e.ofAll)
	strength, known := e.ofCategory[category]
	if !known {
		strength = firstInside
	}
	b = b.given(strength, own.all.less(inScene))
	step("component", own.all.less(inScene), strength)
	if scene != "" {
		b = b.given(e.ofScene, inScene.less(here))
		step("source", inScene.less(here), e.ofScene)
	} else {
		b = b.given(maxStrength, inScene.less(here))
		step("source", inScene.less(here), maxStrength)
	}
	prior = b.given(e.ofRegion, count{})
	b = b.given(e.ofRegion, here)
	step("region", here, e.ofRegion)
	return prior, b, here
}

func (s *seen) inRegion(region string) (sum count) {
	for at, c := range s.regions {
		if at[1] == region {
			sum = count{sum.shows + c.shows, sum.valid + c.valid}
		}
	}
	return sum
}
