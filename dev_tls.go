package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// devNames are the hosts that SDKs of the real open platform hard-code, and this
// machine's own. A certificate authority of "clew dev --tls" can speak for no other.
var (
	devNames = []string{"open.douyin.com", "developer.toutiao.com", "open-sandbox.douyin.com", "localhost"}
	devIP    = net.IPv4(127, 0, 0, 1).To4()
)

const (
	authorityLife = 2 * 365 * 24 * time.Hour
	leafLife      = 90 * 24 * time.Hour
	renewBefore   = 30 * 24 * time.Hour
)

// devTLS is what "clew dev --tls" serves with: a leaf for [devNames] under an
// authority that is made once and kept in folder, keys readable by their owner alone.
// What is there is used again until it nears its end.
func devTLS(folder string, now time.Time) (config *tls.Config, caFile string, err error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, "", err
	}
	caFile = filepath.Join(folder, "ca.pem")
	authority, err := keptPair(caFile, filepath.Join(folder, "ca-key.pem"))
	if err != nil {
		return nil, "", err
	}
	if authority == nil || !usable(authority, nil, now) {
		if authority, err = issue(nil, now, caFile, filepath.Join(folder, "ca-key.pem")); err != nil {
			return nil, "", err
		}
	}
	leafFile, leafKey := filepath.Join(folder, "leaf.pem"), filepath.Join(folder, "leaf-key.pem")
	leaf, err := keptPair(leafFile, leafKey)
	if err != nil {
		return nil, "", err
	}
	if leaf == nil || !usable(leaf, authority.Leaf, now) {
		if leaf, err = issue(authority, now, leafFile, leafKey); err != nil {
			return nil, "", err
		}
	}
	caFile, err = filepath.Abs(caFile)
	return &tls.Config{Certificates: []tls.Certificate{*leaf}, NextProtos: []string{"h2", "http/1.1"}, MinVersion: tls.VersionTLS12}, caFile, err
}

// keptPair reads a certificate and its key; nil when there is none yet.
func keptPair(file, key string) (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(file, key)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s does not read; remove its folder to make a new one: %w", file, err)
	}
	return &pair, nil
}

// usable reports whether a certificate will do for a while; a leaf also for our
// names, under this authority.
func usable(c *tls.Certificate, authority *x509.Certificate, now time.Time) bool {
	if now.Before(c.Leaf.NotBefore) || now.Add(renewBefore).After(c.Leaf.NotAfter) {
		return false
	}
	if authority == nil {
		return c.Leaf.IsCA && slices.Equal(c.Leaf.PermittedDNSDomains, devNames)
	}
	return c.Leaf.CheckSignatureFrom(authority) == nil && slices.Equal(c.Leaf.DNSNames, devNames)
}

// issue makes a certificate and writes it; the authority itself when authority is nil.
func issue(authority *tls.Certificate, now time.Time, file, keyFile string) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	c := &x509.Certificate{
		SerialNumber: serial.Add(serial, big.NewInt(1)),
		NotBefore:    now.Add(-time.Hour), NotAfter: now.Add(leafLife),
		Subject: pkix.Name{CommonName: "Clew development"}, BasicConstraintsValid: true,
	}
	parent, signer := c, any(key)
	if authority == nil {
		c.Subject.CommonName, c.NotAfter = "Clew development authority", now.Add(authorityLife)
		c.IsCA, c.MaxPathLenZero, c.KeyUsage = true, true, x509.KeyUsageCertSign
		// Whoever steals its key can imitate nothing else (RFC 5280, 4.2.1.10).
		c.PermittedDNSDomainsCritical, c.PermittedDNSDomains = true, devNames
		c.PermittedIPRanges = []*net.IPNet{{IP: devIP, Mask: net.CIDRMask(32, 32)}}
	} else {
		c.KeyUsage, c.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		c.DNSNames, c.IPAddresses = devNames, []net.IP{devIP}
		parent, signer = authority.Leaf, authority.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	if err != nil {
		return nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(
		writeWhole(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600),
		writeWhole(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644),
	); err != nil {
		return nil, err
	}
	return keptPair(file, keyFile)
}

// writeWhole replaces a file in one step, never showing it under wider rights.
func writeWhole(path string, text []byte, mode fs.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".tls-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.Write(text)
	if err := errors.Join(err, f.Chmod(mode), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
