package token

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// checkSecrets refuses what signs nothing. An empty secret is most often an
// environment variable that is not set, and anybody can sign with it.
func checkSecrets(secrets []string) error {
	if len(secrets) == 0 {
		return errors.New("no secret is given")
	}
	for i, secret := range secrets {
		if strings.TrimSpace(secret) == "" {
			return fmt.Errorf("secret %d is empty", i+1)
		}
	}
	return nil
}

// checkKeys refuses keys of a length that a format does not have.
func checkKeys(keys [][]byte, lengths ...int) error {
	if len(keys) == 0 {
		return errors.New("no key is given")
	}
	for i, key := range keys {
		if !slices.Contains(lengths, len(key)) {
			return fmt.Errorf("key %d has %d bytes; it must have one of %v", i+1, len(key), lengths)
		}
	}
	return nil
}

// eachSecret reads every secret of a list. An error says which of them it is
// about, and not what that is.
func eachSecret[T any](secrets []string, read func(string) (T, error)) ([]T, error) {
	keys := make([]T, len(secrets))
	for i, secret := range secrets {
		var err error
		if keys[i], err = read(secret); err != nil {
			return nil, fmt.Errorf("secret %d: %w", i+1, err)
		}
	}
	return keys, nil
}

// keyOf reads a key: hex: or base64: and its bytes, or the text itself.
func keyOf(text string) ([]byte, error) {
	if digits, ok := strings.CutPrefix(text, "hex:"); ok {
		key, err := hex.DecodeString(digits)
		if err != nil {
			return nil, errors.New("it is not hexadecimal after `hex:`")
		}
		return key, nil
	}
	if encoded, ok := strings.CutPrefix(text, "base64:"); ok {
		key, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			return nil, errors.New("it is not base64 after `base64:`")
		}
		return key, nil
	}
	return []byte(text), nil
}
