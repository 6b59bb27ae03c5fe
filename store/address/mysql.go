package address

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"
)

// mysqlParams are what Go's driver takes, by its own names.
var mysqlParams = []string{
	"maxAllowedPacket", "allowNativePasswords", "allowCleartextPasswords", "allowOldPasswords", "serverPubKey",
	"connectionAttributes", "compress", "rejectReadOnly", "checkConnLiveness",
}

// mysqlTimes are durations of Go's driver, and other programs' words for them.
var mysqlTimes = map[string]string{
	"timeout": "timeout", "connecttimeout": "timeout", "readtimeout": "readTimeout", "writetimeout": "writeTimeout",
}

// mysqlSettings are the server's settings that a connection may ask for.
var mysqlSettings = []string{
	"wait_timeout", "interactive_timeout", "net_read_timeout", "net_write_timeout", "lock_wait_timeout", "innodb_lock_wait_timeout",
	"max_execution_time", "max_statement_time", "transaction_isolation", "tx_isolation", "group_concat_max_len", "sql_log_bin",
	"optimizer_switch", "max_join_size", "sort_buffer_size", "join_buffer_size", "foreign_key_checks", "unique_checks", "wsrep_sync_wait",
	"sql_safe_updates", "sql_select_limit", "read_only", "transaction_read_only", "tx_read_only",
}

var digits = regexp.MustCompile(`^[0-9]+$`)

func (r *reader) readMySQL(p param) (bool, error) {
	switch {
	case p.key == "strict":
		return true, errors.New("the MySQL driver no longer knows the parameter strict; leave it out, the mode is strict")
	case p.key == "charset", p.key == "characterencoding":
		r.readCharset(p)
	case mysqlTimes[p.key] != "":
		return true, r.setTime(p)
	case slices.Contains(mysqlParams, p.name), slices.Contains(mysqlSettings, p.name):
		r.Params[p.name] = p.value
	default:
		return false, nil
	}
	return true, nil
}

// setTime reads Go's durations, and bare numbers: milliseconds of JDBC and Node,
// seconds of all others.
func (r *reader) setTime(p param) error {
	text := p.value
	switch {
	case digits.MatchString(text) && (r.isJava || p.name == "connectTimeout"):
		text += "ms"
	case digits.MatchString(text):
		text += "s"
	}
	if d, err := time.ParseDuration(text); err != nil || d < 0 {
		return fmt.Errorf("the parameter %s of the database's URL is not understood by the driver; it must be a duration such as 5s", p.shown())
	}
	r.Params[mysqlTimes[p.key]] = text
	return nil
}
