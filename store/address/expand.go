package address

import (
	"net/url"
	"regexp"
	"strings"
)

// Expand replaces the placeholders of a database's URL by way of expand, which is
// told how a value is escaped. Those in the user information of a URL,
// and in the parameters that JDBC has for it, are escaped, so that a password
// may hold any character.
func Expand(raw string, expand func(text string, escape func(string) string) (string, error)) (string, error) {
	place, params, hasParams := strings.Cut(raw, "?")
	scheme, rest, isURL := strings.Cut(place, "://")
	at := strings.LastIndexByte(rest, '@')
	if !isURL || at < 0 && !credentialParam.MatchString(params) {
		return expand(raw, nil)
	}
	credentials, err := expand(rest[:at+1], escapeCredential)
	if err != nil {
		return "", err
	}
	place, err = expand(rest[at+1:], nil)
	if err != nil || !hasParams {
		return scheme + "://" + credentials + place, err
	}
	pieces := strings.Split(params, "&")
	for i, piece := range pieces {
		var escape func(string) string
		if credentialParam.MatchString(piece) {
			escape = url.QueryEscape
		}
		if pieces[i], err = expand(piece, escape); err != nil {
			return "", err
		}
	}
	return scheme + "://" + credentials + place + "?" + strings.Join(pieces, "&"), nil
}

var credentialParam = regexp.MustCompile(`(?i)(^|&)(user|password)=`)

func escapeCredential(s string) string {
	return url.UserPassword("", s).String()[len(":"):]
}
