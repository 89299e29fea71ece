package js

// token is a kind of lexical element (ECMA-262 clause 12).
type token uint8

const (
	tEOF token = iota
	tIllegal
	tNumber
	tBigInt
	tString
	tTemplateFull // `text`
	tTemplateHead // `text${
	tRegex
	tPrivate
	tJSXText

	tLParen
	tRParen
	tLBrack
	tRBrack
	tLBrace
	tRBrace
	tSemi
	tComma
	tColon
	tDot
	tEllipsis
	tQuestion
	tQDot
	tArrow
	tAt
	tBang
	tTilde
	tInc
	tDec

	tAssign // the first of the assignments
	tAddAssign
	tSubAssign
	tMulAssign
	tDivAssign
	tModAssign
	tExpAssign
	tShlAssign
	tShrAssign
	tUshrAssign
	tAndAssign
	tOrAssign
	tXorAssign
	tLandAssign
	tLorAssign
	tNullishAssign // the last of the assignments

	tNullish
	tLor
	tLand
	tOr
	tXor
	tAnd
	tEq
	tNe
	tSeq
	tSne
	tLt
	tGt
	tLe
	tGe
	tShl
	tShr
	tUshr
	tAdd
	tSub
	tMul
	tDiv
	tMod
	tExp

	tIdent // from here on everything is a name after a dot

	// Names with a meaning in some places only.
	tAbstract
	tAccessor
	tAs
	tAsserts
	tAsync
	tAwait
	tDeclare
	tFrom
	tGet
	tGlobal
	tInfer
	tInterface
	tIs
	tKeyof
	tLet
	tModule
	tNamespace
	tOf
	tOverride
	tPrivateWord
	tProtected
	tPublic
	tReadonly
	tRequire
	tSatisfies
	tSet
	tStatic
	tType
	tUnique
	tUsing
	tYield

	// Reserved words.
	tBreak
	tCase
	tCatch
	tClass
	tConst
	tContinue
	tDebugger
	tDefault
	tDelete
	tDo
	tElse
	tEnum
	tExport
	tExtends
	tFalse
	tFinally
	tFor
	tFunction
	tIf
	tImport
	tIn
	tInstanceof
	tNew
	tNull
	tReturn
	tSuper
	tSwitch
	tThis
	tThrow
	tTrue
	tTry
	tTypeof
	tVar
	tVoid
	tWhile
	tWith
	tokenCount
)

// isName says that t may stand after a dot or as a key.
func (t token) isName() bool { return t >= tIdent }

// isIdent says that t may name a variable.
func (t token) isIdent() bool { return t >= tIdent && t < tBreak }

var spelling = [tokenCount]string{
	tEOF: "end of file", tIllegal: "character", tNumber: "number", tBigInt: "bigint", tString: "string",
	tTemplateFull: "template", tTemplateHead: "template", tRegex: "regular expression", tPrivate: "private name",
	tJSXText: "text",
	tLParen:  "(", tRParen: ")", tLBrack: "[", tRBrack: "]", tLBrace: "{", tRBrace: "}", tSemi: ";", tComma: ",",
	tColon: ":", tDot: ".", tEllipsis: "...", tQuestion: "?", tQDot: "?.", tArrow: "=>", tAt: "@", tBang: "!",
	tTilde: "~", tInc: "++", tDec: "--",
	tAssign: "=", tAddAssign: "+=", tSubAssign: "-=", tMulAssign: "*=", tDivAssign: "/=", tModAssign: "%=",
	tExpAssign: "**=", tShlAssign: "<<=", tShrAssign: ">>=", tUshrAssign: ">>>=", tAndAssign: "&=", tOrAssign: "|=",
	tXorAssign: "^=", tLandAssign: "&&=", tLorAssign: "||=", tNullishAssign: "??=",
	tNullish: "??", tLor: "||", tLand: "&&", tOr: "|", tXor: "^", tAnd: "&", tEq: "==", tNe: "!=", tSeq: "===",
	tSne: "!==", tLt: "<", tGt: ">", tLe: "<=", tGe: ">=", tShl: "<<", tShr: ">>", tUshr: ">>>", tAdd: "+", tSub: "-",
	tMul: "*", tDiv: "/", tMod: "%", tExp: "**",
	tIdent:    "name",
	tAbstract: "abstract", tAccessor: "accessor", tAs: "as", tAsserts: "asserts", tAsync: "async", tAwait: "await",
	tDeclare: "declare", tFrom: "from", tGet: "get", tGlobal: "global", tInfer: "infer", tInterface: "interface",
	tIs: "is", tKeyof: "keyof", tLet: "let", tModule: "module", tNamespace: "namespace", tOf: "of",
	tOverride: "override", tPrivateWord: "private", tProtected: "protected", tPublic: "public",
	tReadonly: "readonly", tRequire: "require", tSatisfies: "satisfies", tSet: "set", tStatic: "static",
	tType: "type", tUnique: "unique", tUsing: "using", tYield: "yield",
	tBreak: "break", tCase: "case", tCatch: "catch", tClass: "class", tConst: "const", tContinue: "continue",
	tDebugger: "debugger", tDefault: "default", tDelete: "delete", tDo: "do", tElse: "else", tEnum: "enum",
	tExport: "export", tExtends: "extends", tFalse: "false", tFinally: "finally", tFor: "for",
	tFunction: "function", tIf: "if", tImport: "import", tIn: "in", tInstanceof: "instanceof", tNew: "new",
	tNull: "null", tReturn: "return", tSuper: "super", tSwitch: "switch", tThis: "this", tThrow: "throw",
	tTrue: "true", tTry: "try", tTypeof: "typeof", tVar: "var", tVoid: "void", tWhile: "while", tWith: "with",
}

// Op is an operator, as the String method spells it.
type Op token

// String is the operator as it is written.
func (o Op) String() string { return spelling[o] }

// The operators a rule asks for by name.
const (
	OpAssign        = Op(tAssign)
	OpAddAssign     = Op(tAddAssign)
	OpAndAssign     = Op(tLandAssign)
	OpOrAssign      = Op(tLorAssign)
	OpNullishAssign = Op(tNullishAssign)
	OpNullish       = Op(tNullish)
	OpOr            = Op(tLor)
	OpAnd           = Op(tLand)
	OpEq            = Op(tEq)
	OpNe            = Op(tNe)
	OpStrictEq      = Op(tSeq)
	OpStrictNe      = Op(tSne)
	OpLess          = Op(tLt)
	OpGreater       = Op(tGt)
	OpLessEq        = Op(tLe)
	OpGreaterEq     = Op(tGe)
	OpAdd           = Op(tAdd)
	OpSub           = Op(tSub)
	OpMul           = Op(tMul)
	OpDiv           = Op(tDiv)
	OpMod           = Op(tMod)
	OpExp           = Op(tExp)
	OpNot           = Op(tBang)
	OpBitAnd        = Op(tAnd)
	OpBitOr         = Op(tOr)
	OpBitXor        = Op(tXor)
	OpBitNot        = Op(tTilde)
	OpIn            = Op(tIn)
	OpInstanceof    = Op(tInstanceof)
	OpTypeof        = Op(tTypeof)
	OpVoid          = Op(tVoid)
	OpDelete        = Op(tDelete)
	OpInc           = Op(tInc)
	OpDec           = Op(tDec)
	OpShl           = Op(tShl)
	OpShr           = Op(tShr)
	OpUshr          = Op(tUshr)
)

// Levels of binding, weakest first (ECMA-262 clause 13). An expression is parsed
// at a level and takes every operator that binds more strongly.
const (
	lowest uint8 = iota
	lComma
	lAssign
	lConditional
	lNullish
	lOr
	lAnd
	lBitOr
	lBitXor
	lBitAnd
	lEqual
	lCompare
	lShift
	lAdd
	lMul
	lExp
	lPrefix
	lPostfix
	lNew
	lCall
)

// binding is the level of a binary operator, zero for every other token.
var binding = [tokenCount]uint8{
	tNullish: lNullish, tLor: lOr, tLand: lAnd, tOr: lBitOr, tXor: lBitXor, tAnd: lBitAnd,
	tEq: lEqual, tNe: lEqual, tSeq: lEqual, tSne: lEqual,
	tLt: lCompare, tGt: lCompare, tLe: lCompare, tGe: lCompare, tIn: lCompare, tInstanceof: lCompare,
	tShl: lShift, tShr: lShift, tUshr: lShift, tAdd: lAdd, tSub: lAdd, tMul: lMul, tDiv: lMul, tMod: lMul, tExp: lExp,
}

type keyword struct {
	text string
	tok  token
}

// keywords is a hash table with linear probing; see keywordHash.
var keywords = func() (table [512]keyword) {
	for t := tAbstract; t < tokenCount; t++ {
		h := keywordHash(spelling[t])
		for table[h].text != "" {
			h = (h + 1) & 511
		}
		table[h] = keyword{spelling[t], t}
	}
	return table
}()

// keywordHash needs two bytes at least.
func keywordHash(s string) uint {
	return (uint(s[0])*29 + uint(s[1])*7 + uint(s[len(s)-1])*3 + uint(len(s))*67) & 511
}

// wordToken is what the name s is: a keyword or tIdent.
func wordToken(s string) token {
	if len(s) < 2 || len(s) > 10 || s[0] < 'a' || s[0] > 'y' {
		return tIdent
	}
	for h := keywordHash(s); ; h = (h + 1) & 511 {
		k := &keywords[h]
		if k.text == s {
			return k.tok
		}
		if k.text == "" {
			return tIdent
		}
	}
}
