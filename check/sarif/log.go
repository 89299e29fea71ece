package sarif

// The part of the SARIF 2.1.0 object model (plus Errata 01) that a finding needs,
// under the standard's own names; numbers in comments are its sections. What has a
// default that differs from Go's zero value is a pointer.

type log struct { // 3.13
	Schema  string `json:"$schema"`
	Version string `json:"version"`
	Runs    []run  `json:"runs"`
}

type run struct { // 3.14
	Tool               tool                        `json:"tool"`
	AutomationDetails  *automationDetails          `json:"automationDetails,omitempty"`
	Invocations        []invocation                `json:"invocations"`
	Language           string                      `json:"language"`
	ColumnKind         string                      `json:"columnKind"`
	OriginalURIBaseIDs map[string]artifactLocation `json:"originalUriBaseIds"`
	Taxonomies         []component                 `json:"taxonomies,omitempty"`
	Results            []result                    `json:"results"`
	Properties         properties                  `json:"properties,omitempty"`
}

type properties map[string]any // 3.8

type tool struct { // 3.18
	Driver component `json:"driver"`
}

type automationDetails struct { // 3.17
	ID string `json:"id"`
}

type component struct { // 3.19
	Name                string         `json:"name"`
	Organization        string         `json:"organization,omitempty"`
	ShortDescription    *multiformat   `json:"shortDescription,omitempty"`
	Version             string         `json:"version,omitempty"`
	SemanticVersion     string         `json:"semanticVersion,omitempty"`
	InformationURI      string         `json:"informationUri,omitempty"`
	Language            string         `json:"language,omitempty"`
	Rules               []descriptor   `json:"rules,omitempty"`
	Notifications       []descriptor   `json:"notifications,omitempty"`
	Taxa                []descriptor   `json:"taxa,omitempty"`
	IsComprehensive     bool           `json:"isComprehensive,omitempty"`
	SupportedTaxonomies []componentRef `json:"supportedTaxonomies,omitempty"`
	Properties          properties     `json:"properties,omitempty"`
}

type componentRef struct { // 3.54
	Name  string `json:"name"`
	Index int    `json:"index"`
}

type descriptor struct { // 3.49
	ID                   string         `json:"id"`
	Name                 string         `json:"name,omitempty"`
	ShortDescription     *multiformat   `json:"shortDescription,omitempty"`
	FullDescription      *multiformat   `json:"fullDescription,omitempty"`
	DefaultConfiguration *configuration `json:"defaultConfiguration,omitempty"`
	HelpURI              string         `json:"helpUri,omitempty"`
	Help                 *multiformat   `json:"help,omitempty"`
	Relationships        []relationship `json:"relationships,omitempty"`
	Properties           properties     `json:"properties,omitempty"`
}

type configuration struct { // 3.50
	Level string `json:"level"`
}

type relationship struct { // 3.53
	Target descriptorRef `json:"target"`
	Kinds  []string      `json:"kinds"`
}

type descriptorRef struct { // 3.52
	ID            string        `json:"id"`
	Index         *int          `json:"index,omitempty"`
	ToolComponent *componentRef `json:"toolComponent,omitempty"`
}

type multiformat struct { // 3.12
	Text     string `json:"text"`
	Markdown string `json:"markdown,omitempty"`
}

type message struct { // 3.11
	Text string `json:"text"`
}

type invocation struct { // 3.20
	ExecutionSuccessful        bool           `json:"executionSuccessful"`
	ToolExecutionNotifications []notification `json:"toolExecutionNotifications,omitempty"`
}

type notification struct { // 3.58
	Descriptor *descriptorRef `json:"descriptor,omitempty"`
	Level      string         `json:"level"`
	Message    message        `json:"message"`
	Locations  []location     `json:"locations,omitempty"`
	Properties properties     `json:"properties,omitempty"`
}

type result struct { // 3.27
	RuleID              string            `json:"ruleId"`
	RuleIndex           *int              `json:"ruleIndex,omitempty"`
	Kind                string            `json:"kind"`
	Level               string            `json:"level"`
	Message             message           `json:"message"`
	Locations           []location        `json:"locations"`
	PartialFingerprints map[string]string `json:"partialFingerprints,omitempty"`
	CodeFlows           []codeFlow        `json:"codeFlows,omitempty"`
	Taxa                []descriptorRef   `json:"taxa,omitempty"`
	Attachments         []attachment      `json:"attachments,omitempty"`
	Fixes               []fix             `json:"fixes,omitempty"`
	Suppressions        *[]suppression    `json:"suppressions,omitempty"`
	Properties          properties        `json:"properties"`
}

type location struct { // 3.28
	PhysicalLocation *physicalLocation `json:"physicalLocation,omitempty"`
	LogicalLocations []logicalLocation `json:"logicalLocations,omitempty"`
	Message          *message          `json:"message,omitempty"`
	Properties       properties        `json:"properties,omitempty"`
}

type physicalLocation struct { // 3.29
	ArtifactLocation artifactLocation `json:"artifactLocation"`
	Region           *region          `json:"region,omitempty"`
}

type artifactLocation struct { // 3.4
	URI         string   `json:"uri,omitempty"`
	URIBaseID   string   `json:"uriBaseId,omitempty"`
	Description *message `json:"description,omitempty"`
}

type region struct { // 3.30
	StartLine   int      `json:"startLine,omitempty"`
	StartColumn int      `json:"startColumn,omitempty"`
	EndLine     int      `json:"endLine,omitempty"`
	EndColumn   int      `json:"endColumn,omitempty"`
	ByteOffset  *int     `json:"byteOffset,omitempty"`
	ByteLength  *int     `json:"byteLength,omitempty"`
	Snippet     *content `json:"snippet,omitempty"`
}

type content struct { // 3.3
	Text   *string `json:"text,omitempty"`
	Binary string  `json:"binary,omitempty"` // base64
}

type logicalLocation struct { // 3.33
	Name               string `json:"name"`
	FullyQualifiedName string `json:"fullyQualifiedName"`
}

type codeFlow struct { // 3.36
	ThreadFlows []threadFlow `json:"threadFlows"`
}

type threadFlow struct { // 3.37
	Locations []threadFlowLocation `json:"locations"`
}

type threadFlowLocation struct { // 3.38
	Location   location `json:"location"`
	Importance string   `json:"importance,omitempty"`
}

type attachment struct { // 3.21
	Description      message          `json:"description"`
	ArtifactLocation artifactLocation `json:"artifactLocation"`
}

type fix struct { // 3.55
	Description     message          `json:"description"`
	ArtifactChanges []artifactChange `json:"artifactChanges"`
}

type artifactChange struct { // 3.56
	ArtifactLocation artifactLocation `json:"artifactLocation"`
	Replacements     []replacement    `json:"replacements"`
}

type replacement struct { // 3.57
	DeletedRegion   region   `json:"deletedRegion"`
	InsertedContent *content `json:"insertedContent,omitempty"`
}

type suppression struct { // 3.35
	Kind          string    `json:"kind"`
	Justification string    `json:"justification,omitempty"`
	Location      *location `json:"location,omitempty"`
}
