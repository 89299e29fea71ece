package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestDevTLSSpeaksForItsNamesAndNoOther(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "tls")
	now := time.Now()
	config, caFile, err := devTLS(folder, now)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(caFile)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		t.Fatal("the authority does not read")
	}
	leaf := config.Certificates[0].Leaf
	for _, name := range append([]string{"127.0.0.1"}, devNames...) {
		if _, err := leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: pool}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"douyin.com", "example.com", "127.0.0.2"} {
		if _, err := leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: pool}); err == nil {
			t.Errorf("it speaks for %s", name)
		}
	}
	for _, name := range []string{"ca-key.pem", "leaf-key.pem"} {
		if info, err := os.Stat(filepath.Join(folder, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}

	// With the authority's stolen key a certificate for another host is worth nothing.
	authority, err := tls.LoadX509KeyPair(caFile, filepath.Join(folder, "ca-key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for host, addr := range map[string]net.IP{"bank.example": nil, "": net.IPv4(10, 0, 0, 1)} {
		c := &x509.Certificate{SerialNumber: big.NewInt(7), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour)}
		if host != "" {
			c.DNSNames = []string{host}
		} else {
			c.IPAddresses, host = []net.IP{addr}, addr.String()
		}
		der, err := x509.CreateCertificate(rand.Reader, c, authority.Leaf, &key.PublicKey, authority.PrivateKey)
		if err != nil {
			t.Fatal(err)
		}
		forged, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := forged.Verify(x509.VerifyOptions{DNSName: host, Roots: pool}); err == nil {
			t.Errorf("it can be made to speak for %s", host)
		}
	}

	// Whoever trusts the authority goes on doing so; the leaf is renewed in time.
	again, _, err := devTLS(folder, now)
	if err != nil || again.Certificates[0].Leaf.SerialNumber.Cmp(leaf.SerialNumber) != 0 {
		t.Errorf("another leaf, %v", err)
	}
	later, _, err := devTLS(folder, now.Add(leafLife-renewBefore+time.Hour))
	if err != nil || later.Certificates[0].Leaf.SerialNumber.Cmp(leaf.SerialNumber) == 0 {
		t.Errorf("the old leaf, %v", err)
	}
	if kept, err := os.ReadFile(caFile); err != nil || string(kept) != string(text) {
		t.Errorf("another authority, %v", err)
	}
	if err := os.WriteFile(caFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("no")}), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := devTLS(folder, now); err == nil {
		t.Error("a broken authority is used")
	}
}

func TestDevServesHTTPSBesideHTTP(t *testing.T) {
	t.Parallel()
	p := startTLS(t)
	text, err := os.ReadFile(p.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}}
	for _, address := range []string{p.URL, p.TLSURL} {
		resp, err := client.Get(address + "/healthz")
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK || string(body) != "ok\n" {
			t.Errorf("%s answered %d %q", address, resp.StatusCode, body)
		}
		if address == p.TLSURL && resp.ProtoMajor != 2 {
			t.Errorf("HTTPS speaks %s", resp.Proto)
		}
	}
	client.CloseIdleConnections()
	if err := p.stop(); err != nil {
		t.Errorf("it ended with %v: %s", err, p.log)
	}
}
