package address

import (
	"encoding/json"
	"slices"
	"strings"
)

// TLS says how a connection to a server is encrypted, and what of the server is
// verified.
type TLS struct {
	// Mode is one of the modes below, in libpq's words. Empty: nothing is said.
	Mode string
	// CA, Cert and Key name PEM files: whom to trust, and who we are. A CA
	// `system` is the system's own.
	CA, Cert, Key string
	// Password opens the key.
	Password string
}

// The modes, from the weakest to the strongest.
const (
	Disable    = "disable"     // never encrypt
	Allow      = "allow"       // encrypt if the server insists
	Prefer     = "prefer"      // encrypt if the server can, verify nothing
	Require    = "require"     // encrypt, verify nothing
	VerifyCA   = "verify-ca"   // and only with a server that the CA vouches for
	VerifyFull = "verify-full" // and whose certificate has the host's name
)

var strength = []string{"", Disable, Allow, Prefer, Require, VerifyCA, VerifyFull}

// modes are the spellings of the modes, folded: those of libpq, MySQL, MariaDB's
// connectors and Node.
var modes = map[string]string{
	"disable": Disable, "disabled": Disable, "allow": Allow, "prefer": Prefer, "preferred": Prefer,
	"require": Require, "required": Require, "trust": Require, "noverify": Require, "skipverify": Require,
	"verifyca": VerifyCA, "verifyfull": VerifyFull, "verifyidentity": VerifyFull,
}

const modesInWords = "disable, prefer, require, verify-ca or verify-full"

// atLeast makes the mode no weaker than m.
func (t *TLS) atLeast(m string) {
	if slices.Index(strength, t.Mode) < slices.Index(strength, m) {
		t.Mode = m
	}
}

// readTLS takes what says how to encrypt. It reports false for anything else.
func (r *reader) readTLS(p param) (bool, error) {
	t := &r.TLS
	switch p.key {
	case "sslmode", "tlsmode":
		return true, r.setMode(p)
	case "ssl", "tls":
		return true, r.setSSL(p)
	case "sslaccept":
		return true, r.setAccept(p)
	case "sslrootcert", "sslca", "serversslcert", "sslcafile":
		t.CA = p.value
	case "sslcert":
		t.Cert = p.value
	case "sslkey":
		t.Key = p.value
	case "sslpassword":
		t.Password = p.value
	case "usessl":
		return true, r.java.set(p, &r.java.use)
	case "requiressl":
		return true, r.java.set(p, &r.java.require)
	case "verifyservercertificate", "sslverifycert":
		return true, r.java.set(p, &r.java.verify)
	case "trustservercertificate":
		return true, r.java.set(p, &r.java.trust)
	case "sslverify", "sslverifyidentity", "sslcheckhostname":
		return true, r.java.set(p, &r.java.identity)
	case "ssldisabled":
		return true, r.java.set(p, &r.java.disabled)
	default:
		return false, nil
	}
	return true, nil
}

func (r *reader) setMode(p param) error {
	mode, ok := modes[fold(p.value)]
	if !ok {
		return p.wrong(modesInWords)
	}
	r.TLS.Mode = mode
	return nil
}

// setSSL reads `ssl` and `tls`: a switch, a mode, or the JSON that Node's mysql2
// takes. Java's drivers and mysql2 verify the server where they say `true`;
// libpq only encrypts.
func (r *reader) setSSL(p param) error {
	on := Require
	if r.isJava || p.key == "tls" { // the latter is Go's driver's
		on = VerifyFull
	}
	if yes, ok := truth(p.value); ok {
		r.TLS.Mode = map[bool]string{true: on, false: Disable}[yes]
		return nil
	}
	var node struct {
		Reject *bool `json:"rejectUnauthorized"`
	}
	decoder := json.NewDecoder(strings.NewReader(p.value))
	decoder.DisallowUnknownFields()
	if !strings.HasPrefix(p.value, "{") {
		return r.setMode(p)
	}
	if decoder.Decode(&node) != nil {
		return p.wrong(`a mode, or {"rejectUnauthorized": true}; name certificates with sslrootcert, sslcert and sslkey`)
	}
	r.TLS.Mode = VerifyFull
	if node.Reject != nil && !*node.Reject {
		r.TLS.Mode = Require
	}
	return nil
}

// setAccept reads Prisma's word. `strict` verifies the server's name as well.
func (r *reader) setAccept(p param) error {
	switch fold(p.value) {
	case "strict":
		r.strict = true
	case "acceptinvalidcerts":
		r.accept = true
	default:
		return p.wrong("strict or accept_invalid_certs")
	}
	return nil
}

// javaTLS are switches of JDBC's, Rails' and Python's drivers. Nil: not said.
type javaTLS struct{ use, require, verify, trust, identity, disabled *bool }

func (*javaTLS) set(p param, to **bool) error {
	yes, ok := truth(p.value)
	if !ok {
		return p.wrong("true or false")
	}
	*to = &yes
	return nil
}

func is(b *bool, want bool) bool { return b != nil && *b == want }

// finishTLS puts together what the parameters say of one thing.
func (r *reader) finishTLS(mariadb bool) error {
	t, j := &r.TLS, r.java
	switch {
	case is(j.disabled, true), is(j.use, false) && t.Mode == "":
		t.Mode = Disable
	case is(j.use, true) && mariadb && !is(j.trust, true):
		t.atLeast(VerifyFull) // unlike MySQL's own driver
	case is(j.use, true) && mariadb, is(j.require, true), is(j.trust, true):
		t.atLeast(Require)
	case is(j.use, true), r.accept:
		t.atLeast(Prefer)
	}
	if is(j.verify, true) && t.Mode != Disable {
		t.atLeast(VerifyCA)
	}
	if is(j.identity, true) && t.Mode != Disable || r.strict {
		t.atLeast(VerifyFull)
	}
	if t.Cert != "" && t.Key == "" && t.CA == "" {
		t.CA, t.Cert = t.Cert, "" // Prisma's sslcert is the server's
	}
	switch {
	case (t.Cert == "") != (t.Key == ""):
		return errHalfCertificate
	case t.CA == "system":
		t.atLeast(VerifyFull)
	case r.Kind == MySQL && t.CA != "" && (t.Mode == "" || t.Mode == Require):
		t.Mode = VerifyCA
	case r.Kind == MySQL && t.Cert != "":
		t.atLeast(Require)
	}
	return nil
}

// truth reads a switch.
func truth(value string) (yes, ok bool) {
	switch strings.ToLower(value) {
	case "true", "1", "yes", "on":
		return true, true
	case "false", "0", "no", "off":
		return false, true
	}
	return false, false
}
