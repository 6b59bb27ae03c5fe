package address

import (
	"slices"
	"strconv"
	"strings"
)

// postgresParams are what Go's driver takes by the same name.
var postgresParams = []string{
	"connect_timeout", "passfile", "service", "servicefile", "sslcertmode", "sslnegotiation", "sslsni", "krbspn", "krbsrvname",
	"target_session_attrs", "min_protocol_version", "max_protocol_version", "channel_binding", "require_auth", "options",
	"pool_max_conns", "pool_min_conns", "pool_min_idle_conns", "pool_max_conn_lifetime", "pool_max_conn_idle_time",
	"pool_health_check_period", "pool_max_conn_lifetime_jitter", "pool_ping_timeout",
	"default_query_exec_mode", "statement_cache_capacity", "description_cache_capacity",
}

// postgresSettings are the server's settings that a connection may ask for. Any
// name with a dot is one, too: an extension's.
var postgresSettings = []string{
	"application_name", "search_path", "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "idle_session_timeout",
	"transaction_timeout", "timezone", "datestyle", "intervalstyle", "extra_float_digits", "work_mem", "temp_buffers", "role", "bytea_output",
	"standard_conforming_strings", "default_transaction_isolation", "default_transaction_read_only", "default_transaction_deferrable",
	"synchronous_commit", "client_min_messages", "row_security", "plan_cache_mode", "jit", "lc_messages", "tcp_keepalives_idle",
	"tcp_keepalives_interval", "tcp_keepalives_count", "max_parallel_workers_per_gather", "random_page_cost", "enable_seqscan",
}

// postgresWords are other programs' words for parameters.
var postgresWords = map[string]string{
	"applicationname": "application_name", "connecttimeout": "connect_timeout", "tz": "timezone", "spn": "krbspn",
}

// targets are JDBC's words for which of several servers is wanted.
var targets = map[string]string{
	"any": "any", "primary": "primary", "master": "primary", "secondary": "standby", "slave": "standby",
	"prefersecondary": "prefer-standby", "preferslave": "prefer-standby", "preferprimary": "any",
}

func (r *reader) readPostgres(p param) (bool, error) {
	name := strings.ToLower(p.name)
	if word, ok := postgresWords[p.key]; ok {
		name = word
	}
	switch {
	case p.key == "schema", p.key == "currentschema":
		return true, r.setSchema(p)
	case p.key == "targetservertype":
		target, ok := targets[fold(p.value)]
		if !ok {
			return true, p.wrong("any, primary, secondary or preferSecondary")
		}
		r.Params["target_session_attrs"] = target
	case p.key == "charset", p.key == "clientencoding":
		r.readCharset(p)
	case p.key == "hostaddr":
		return true, p.refused("leave it out, and give the address as the host")
	case name == "connect_timeout":
		if _, err := strconv.ParseUint(p.value, 10, 31); err != nil {
			return true, p.wrong("a number of seconds")
		}
		r.Params[name] = p.value
	case slices.Contains(postgresParams, name), slices.Contains(postgresSettings, name), strings.Contains(name, ".") && paramName.MatchString(name):
		r.Params[name] = p.value
	default:
		return false, nil
	}
	return true, nil
}

// setSchema reads the schema of Prisma and of JDBC, which may name several: a
// path to search.
func (r *reader) setSchema(p param) error {
	switch {
	case p.value == "":
		return p.wrong("the name of a schema")
	case strings.ContainsAny(p.value, `,"`):
		r.Params["search_path"] = p.value
	default:
		r.Schema = p.value
	}
	return nil
}
