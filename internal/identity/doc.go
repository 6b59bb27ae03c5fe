// Package identity reads who somebody is, from what logs them in: the headers
// of a login page's answer, the words of a configuration or a command line, and
// the body of an API call. What could be taken for one of two people is refused.
//
// The claim `groups` is a list by nature: where it comes as one text, the text
// is split.
package identity
