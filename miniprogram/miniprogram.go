// Package miniprogram keeps one promise: the component that Douyin, WeChat and
// Alipay carry is one source, and what each of them gets is exactly what is in git.
//
// src/ holds the component, demo/ an app that carries it; build/ writes dist/ from
// both, one npm package and app for each platform. README.md is the manual.
package miniprogram

//go:generate go run ./build
