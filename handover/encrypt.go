package handover

import (
	"crypto/rand"
	"crypto/rsa"
	"fmt"
)

// pkcs1Overhead is what RSAES-PKCS1-v1_5 needs of a block, in bytes (RFC 8017, 7.2.1).
const pkcs1Overhead = 11

// Encrypt is RSAES-PKCS1-v1_5 (RFC 8017, 7.2) as the real open platform uses it: a
// plain text longer than one block is cut into pieces of k-11 bytes, k being the
// modulus in bytes, and their ciphertexts of k bytes follow each other.
//
// The padding is the platform's, not our choice: whoever decrypts must not let
// strangers see whether it was sound (Bleichenbacher 1998).
func Encrypt(key *rsa.PublicKey, plain []byte) ([]byte, error) {
	var out []byte
	for piece := key.Size() - pkcs1Overhead; ; {
		n := min(piece, len(plain))
		//lint:ignore SA1019 the padding is the real platform's
		block, err := rsa.EncryptPKCS1v15(rand.Reader, key, plain[:n])
		if err != nil {
			return nil, fmt.Errorf("encrypt for the app: %w", err)
		}
		out = append(out, block...)
		if plain = plain[n:]; len(plain) == 0 {
			return out, nil
		}
	}
}
