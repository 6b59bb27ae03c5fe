package address

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

const secret = "s3cret"

// shown is an address in one line: place, user, schema, encryption, what the
// driver gets, and what is ignored.
func shown(a Address) string {
	words := []string{a.Kind, a.Place()}
	add := func(name, value string) {
		if value != "" {
			words = append(words, name+"="+value)
		}
	}
	add("or", a.Relative)
	add("mode", a.Mode)
	add("user", a.User)
	add("password", a.Password)
	add("schema", a.Schema)
	add("tls", a.TLS.Mode)
	add("ca", a.TLS.CA)
	add("cert", a.TLS.Cert)
	add("key", a.TLS.Key)
	for _, name := range slices.Sorted(maps.Keys(a.Params)) {
		add(name, a.Params[name])
	}
	add("ignored", strings.Join(a.Ignored, ","))
	return strings.Join(words, " ")
}

// Every way to write a DATABASE_URL that is met in other programs' environments
// has a right result here (D6).
func TestD6_EachProgramsURLIsUnderstood(t *testing.T) {
	for _, c := range []struct{ who, url, want string }{
		{"libpq", "postgresql://app:s3cret@db.example.com:5433/app?sslmode=verify-full&sslrootcert=/ca.pem", "postgres database app on db.example.com:5433 user=app password=s3cret tls=verify-full ca=/ca.pem"},
		{"libpq, a failover list", "postgres://app@h1:5432,h2,[2001:db8::3]:5434/app?target_session_attrs=read-write", "postgres database app on h1:5432,h2,[2001:db8::3]:5434 user=app target_session_attrs=read-write"},
		{"libpq, a socket", "postgres://app@%2Frun%2Fpostgresql/app", "postgres database app on /run/postgresql user=app"},
		{"libpq, a socket as a parameter", "postgres:///app?host=/run/postgresql&port=5433", "postgres database app on /run/postgresql:5433"},
		{"libpq, nothing but the database", "postgres:///app", "postgres database app on the default host"},
		{"libpq, nothing at all", "postgres://", "postgres the default host"},
		{"libpq, client certificate", "postgres://h/app?sslmode=verify-full&sslrootcert=a&sslcert=b&sslkey=c&sslpassword=s3cret", "postgres database app on h tls=verify-full ca=a cert=b key=c"},
		{"libpq, the system's CAs", "postgres://h/app?sslrootcert=system", "postgres database app on h tls=verify-full ca=system"},
		{"libpq, a server's settings", "postgres://h/app?application_name=a&statement_timeout=5000&search_path=x,public&my.setting=1&options=-c%20jit%3Doff", "postgres database app on h application_name=a my.setting=1 options=-c jit=off search_path=x,public statement_timeout=5000"},
		{"libpq, encryption by GSSAPI", "postgres://h/app?gssencmode=disable&keepalives_idle=30", "postgres database app on h ignored=gssencmode,keepalives_idle"},
		{"pgx", "postgres://h/app?pool_max_conns=5&default_query_exec_mode=exec", "postgres database app on h default_query_exec_mode=exec pool_max_conns=5"},
		{"special characters in a password", "postgres://us%40er:p%40s%3As%2F%3F%23%25+@h/d%20b", "postgres database d b on h user=us@er password=p@s:s/?#%+"},
		{"an IPv6 host", "postgres://[::1]/app", "postgres database app on ::1"},
		{"Prisma", "postgresql://app:s3cret@h:5432/app?schema=public&connection_limit=5&pgbouncer=true&pool_timeout=10&connect_timeout=30&sslmode=require&sslaccept=strict", "postgres database app on h:5432 user=app password=s3cret schema=public tls=verify-full connect_timeout=30 ignored=connection_limit,pgbouncer,pool_timeout"},
		{"Prisma, any certificate", "postgresql://h/app?sslmode=require&sslaccept=accept_invalid_certs&statement_cache_size=0", "postgres database app on h tls=require ignored=statement_cache_size"},
		{"Prisma, the server's certificate", "postgresql://h/app?sslmode=require&sslaccept=strict&sslcert=ca.pem", "postgres database app on h tls=verify-full ca=ca.pem"},
		{"Prisma, MySQL", "mysql://app:s3cret@h:3306/app?sslaccept=strict&sslcert=ca.pem&connect_timeout=5", "mysql database app on h:3306 user=app password=s3cret tls=verify-full ca=ca.pem timeout=5s"},
		{"Prisma, MySQL by socket", "mysql://app@localhost/app?socket=/run/mysqld/mysqld.sock", "mysql database app on /run/mysqld/mysqld.sock user=app"},
		{"Prisma, SQLite", "file:./dev.db?connection_limit=1&socket_timeout=5", "sqlite ./dev.db ignored=connection_limit,socket_timeout"},
		{"Rails", "postgresql://h/app?pool=5&encoding=unicode&prepared_statements=false&advisory_locks=false&checkout_timeout=5", "postgres database app on h ignored=pool,encoding,prepared_statements,advisory_locks,checkout_timeout"},
		{"Rails, MySQL", "mysql2://app:s3cret@h/app?encoding=utf8mb4&pool=5&reconnect=true&sslca=/ca.pem&ssl_mode=verify_identity", "mysql database app on h user=app password=s3cret tls=verify-full ca=/ca.pem ignored=encoding,pool,reconnect"},
		{"Rails, Trilogy", "trilogy://h/app?ssl_mode=required", "mysql database app on h tls=require"},
		{"Rails, SQLite", "sqlite3:storage/production.sqlite3?pool=5&timeout=5000", "sqlite storage/production.sqlite3 ignored=pool,timeout"},
		{"Rails, SQLite, absolute", "sqlite3:///var/app.sqlite3", "sqlite /var/app.sqlite3"},
		{"Rails, PostGIS", "postgis://h/app", "postgres database app on h"},
		{"Symfony", "postgresql://app:!ChangeMe!@127.0.0.1:5432/app?serverVersion=16&charset=utf8", "postgres database app on 127.0.0.1:5432 user=app password=!ChangeMe! ignored=serverVersion"},
		{"Symfony, MySQL", "mysql://app:!ChangeMe!@127.0.0.1:3306/app?serverVersion=10.11.2-MariaDB&charset=utf8mb4", "mysql database app on 127.0.0.1:3306 user=app password=!ChangeMe! ignored=serverVersion"},
		{"Symfony, SQLite", "sqlite:////app/var/data.db", "sqlite /app/var/data.db"},
		{"Doctrine's drivers", "pdo-mysql://h/app?unix_socket=/run/my.sock", "mysql database app on /run/my.sock"},
		{"Doctrine's drivers", "pdo_pgsql://h/app?charset=latin1", "postgres database app on h ignored=charset"},
		{"Doctrine's drivers", "mysqli://h/app?driverOptions=1", "the parameter driverOptions of the database's URL is unknown for mysql"},
		{"Doctrine's drivers", "pdo-sqlite:///data.db", "sqlite /data.db or=data.db"},
		{"Django", "postgres://h/app?conn_max_age=600&conn_health_checks=true&sslmode=require", "postgres database app on h tls=require ignored=conn_max_age,conn_health_checks"},
		{"Django", "psql://h/app?options=-c%20search_path%3Dapp", "postgres database app on h options=-c search_path=app"},
		{"Django, PgBouncer", "pgsql://h/app?DISABLE_SERVER_SIDE_CURSORS=true", "postgres database app on h ignored=DISABLE_SERVER_SIDE_CURSORS"},
		{"Django, MySQL", "mysqlgis://h/app?ssl-ca=/ca.pem", "mysql database app on h tls=verify-ca ca=/ca.pem"},
		{"Django and SQLAlchemy, SQLite", "sqlite:///db.sqlite3", "sqlite /db.sqlite3 or=db.sqlite3"},
		{"Django and SQLAlchemy, SQLite, absolute", "sqlite:////srv/db.sqlite3", "sqlite /srv/db.sqlite3"},
		{"SQLAlchemy", "postgresql+psycopg2://app:s3cret@/app?host=h1:5432&host=h2:5433", "postgres database app on h1:5432,h2:5433 user=app password=s3cret"},
		{"SQLAlchemy, psycopg", "postgresql+psycopg://h/app?sslmode=verify-ca&sslrootcert=c", "postgres database app on h tls=verify-ca ca=c"},
		{"SQLAlchemy, asyncpg", "postgresql+asyncpg://h/app?ssl=require&prepared_statement_cache_size=0", "postgres database app on h tls=require ignored=prepared_statement_cache_size"},
		{"asyncpg", "postgres+asyncpg://h/app?ssl=verify-full&command_timeout=5", "postgres database app on h tls=verify-full ignored=command_timeout"},
		{"SQLAlchemy, PyMySQL", "mysql+pymysql://app:s3cret@h/app?charset=utf8mb4&ssl_ca=/ca.pem&ssl_verify_cert=true&ssl_verify_identity=true", "mysql database app on h user=app password=s3cret tls=verify-full ca=/ca.pem"},
		{"SQLAlchemy, a socket", "mariadb+mysqldb://app@/app?unix_socket=/run/mysqld.sock", "mysql database app on /run/mysqld.sock user=app"},
		{"SQLAlchemy, no encryption", "mysql+mysqlconnector://h/app?ssl_disabled=true", "mysql database app on h tls=disable"},
		{"SQLAlchemy, SQLite", "sqlite+aiosqlite:///instance/app.db?check_same_thread=false", "sqlite instance/app.db ignored=check_same_thread"},
		{"SQLAlchemy, SQLite, absolute", "sqlite+pysqlite:////srv/app.db", "sqlite /srv/app.db"},
		{"JDBC", "jdbc:postgresql://h1:5432,h2:5433/app?user=app&password=s3cret&currentSchema=app&ApplicationName=x&targetServerType=primary&prepareThreshold=0&reWriteBatchedInserts=true&loginTimeout=5", "postgres database app on h1:5432,h2:5433 user=app password=s3cret schema=app application_name=x target_session_attrs=primary ignored=prepareThreshold,reWriteBatchedInserts,loginTimeout"},
		{"JDBC, a path to search", "jdbc:postgresql://h/app?currentSchema=a,b&ssl=true", "postgres database app on h tls=verify-full search_path=a,b"},
		{"JDBC, the database alone", "jdbc:postgresql:app", "postgres database app on the default host"},
		{"JDBC, an at in the password", "jdbc:postgresql://h/app?user=app&password=s3cret@x", "postgres database app on h user=app password=s3cret@x"},
		{"JDBC, MySQL", "jdbc:mysql://h:3306/app?user=app&password=s3cret&useSSL=true&requireSSL=true&serverTimezone=UTC&allowPublicKeyRetrieval=true&connectTimeout=2500", "mysql database app on h:3306 user=app password=s3cret tls=require timeout=2500ms ignored=serverTimezone,allowPublicKeyRetrieval"},
		{"JDBC, MySQL, verified", "jdbc:mysql://h/app?useSSL=true&verifyServerCertificate=true&rewriteBatchedStatements=true", "mysql database app on h tls=verify-ca ignored=rewriteBatchedStatements"},
		{"JDBC, MySQL, not encrypted", "jdbc:mysql://h/app?useSSL=false", "mysql database app on h tls=disable"},
		{"JDBC, MySQL, if possible", "jdbc:mysql://h/app?useSSL=true", "mysql database app on h tls=prefer"},
		{"JDBC, MySQL, mode", "jdbc:mysql://h/app?sslMode=VERIFY_IDENTITY", "mysql database app on h tls=verify-full"},
		{"JDBC, MariaDB", "jdbc:mariadb://h/app?useSsl=true&serverSslCert=/ca.pem", "mysql database app on h tls=verify-full ca=/ca.pem"},
		{"JDBC, MariaDB, any certificate", "jdbc:mariadb://h/app?sslMode=trust", "mysql database app on h tls=require"},
		{"JDBC, MariaDB, any certificate", "jdbc:mariadb://h/app?useSsl=true&trustServerCertificate=true", "mysql database app on h tls=require"},
		{"JDBC, SQLite", "jdbc:sqlite:/srv/app.db?journal_mode=WAL", "sqlite /srv/app.db ignored=journal_mode"},
		{"JDBC, AWS", "jdbc:aws-wrapper:postgresql://h/app?wrapperPlugins=iam", "postgres database app on h ignored=wrapperPlugins"},
		{"R2DBC", "r2dbc:mysql://h/app?sslMode=required", "mysql database app on h tls=require"},
		{"Node, pg", "postgres://h/app?sslmode=no-verify&uselibpqcompat=true", "postgres database app on h tls=require ignored=uselibpqcompat"},
		{"Node, pg", "postgres://h/app?ssl=true", "postgres database app on h tls=require"},
		{"Node, mysql2", `mysql://h/app?ssl={"rejectUnauthorized":true}&connectTimeout=10000&timezone=Z`, "mysql database app on h tls=verify-full timeout=10000ms ignored=timezone"},
		{"Node, mysql2, any certificate", `mysql://h/app?ssl=%7B%22rejectUnauthorized%22%3Afalse%7D`, "mysql database app on h tls=require"},
		{"Node, mysql2, connections", "mysql://h/app?connectionLimit=10&dateStrings=true&socketPath=/run/my.sock", "mysql database app on /run/my.sock ignored=connectionLimit,dateStrings"},
		{"knex", "pg://h/app?idleTimeoutMillis=1000", "postgres database app on h ignored=idleTimeoutMillis"},
		{"Go, MySQL", "mysql://h/app?tls=true&timeout=5s&readTimeout=10s&parseTime=true&maxAllowedPacket=0", "mysql database app on h tls=verify-full maxAllowedPacket=0 readTimeout=10s timeout=5s ignored=parseTime"},
		{"Go, MySQL", "mysql://h/app?tls=skip-verify", "mysql database app on h tls=require"},
		{"Go, MySQL", "mysql://h/app?tls=preferred&wait_timeout=60", "mysql database app on h tls=prefer wait_timeout=60"},
		{"Go, SQLite", "sqlite:app.db?_pragma=busy_timeout(5000)&_journal_mode=WAL&_txlock=immediate&cache=shared", "sqlite app.db ignored=_pragma,_journal_mode,_txlock,cache"},
		{"sqlx", "sqlite://data/app.db?mode=rwc", "sqlite data/app.db mode=rwc"},
		{"sqlx, absolute", "sqlite:///srv/app.db?mode=ro&immutable=1", "sqlite /srv/app.db or=srv/app.db mode=ro ignored=immutable"},
		{"sqlx, MySQL", "mariadb://h/app?ssl-mode=VERIFY_CA&ssl-ca=/ca.pem&ssl-cert=/c.pem&ssl-key=/k.pem&statement-cache-capacity=5", "mysql database app on h tls=verify-ca ca=/ca.pem cert=/c.pem key=/k.pem ignored=statement-cache-capacity"},
		{"MySQL by PostgreSQL's names", "mysql://h/app?sslmode=verify-full&sslrootcert=a&sslcert=b&sslkey=c", "mysql database app on h tls=verify-full ca=a cert=b key=c"},
		{"MySQL, a certificate alone", "mysql://h/app?ssl-cert=b&ssl-key=c", "mysql database app on h tls=require cert=b key=c"},
		{"MySQL, a CA with REQUIRED", "mysql://h/app?ssl-mode=REQUIRED&ssl-ca=a", "mysql database app on h tls=verify-ca ca=a"},
		{"MySQL, all of nothing", "mysql://h/app?ssl-mode=DISABLED&ssl-ca=a", "mysql database app on h tls=disable ca=a"},
		{"MySQL, if possible", "mysql://h/app?ssl-mode=PREFERRED", "mysql database app on h tls=prefer"},
		{"Heroku", "postgres://u:s3cret@ec2-1.compute-1.amazonaws.com:5432/d1", "postgres database d1 on ec2-1.compute-1.amazonaws.com:5432 user=u password=s3cret"},
		{"Heroku, ClearDB", "mysql://u:s3cret@us-cdbr.cleardb.net/heroku_1?reconnect=true", "mysql database heroku_1 on us-cdbr.cleardb.net user=u password=s3cret ignored=reconnect"},
		{"Heroku, JawsDB", "mysql://u:s3cret@x.rds.amazonaws.com:3306/d", "mysql database d on x.rds.amazonaws.com:3306 user=u password=s3cret"},
		{"Railway", "postgresql://postgres:s3cret@viaduct.proxy.rlwy.net:12345/railway", "postgres database railway on viaduct.proxy.rlwy.net:12345 user=postgres password=s3cret"},
		{"Render", "postgresql://u:s3cret@dpg-1-a.frankfurt-postgres.render.com/d", "postgres database d on dpg-1-a.frankfurt-postgres.render.com user=u password=s3cret"},
		{"Supabase", "postgresql://postgres.ref:s3cret@aws-0-eu-central-1.pooler.supabase.com:6543/postgres?pgbouncer=true", "postgres database postgres on aws-0-eu-central-1.pooler.supabase.com:6543 user=postgres.ref password=s3cret ignored=pgbouncer"},
		{"Supabase on Vercel", "postgres://u:s3cret@h:6543/postgres?sslmode=require&supa=base-pooler.x", "postgres database postgres on h:6543 user=u password=s3cret tls=require ignored=supa"},
		{"Neon", "postgresql://u:s3cret@ep-x-pooler.eu-central-1.aws.neon.tech/neondb?sslmode=require&channel_binding=require", "postgres database neondb on ep-x-pooler.eu-central-1.aws.neon.tech user=u password=s3cret tls=require channel_binding=require"},
		{"Neon, without SNI", "postgresql://h/neondb?options=endpoint%3Dep-x&sslmode=verify-full&sslrootcert=system", "postgres database neondb on h tls=verify-full ca=system options=endpoint=ep-x"},
		{"PlanetScale", "mysql://u:pscale_pw_s3cret@aws.connect.psdb.cloud/d?sslaccept=strict", "mysql database d on aws.connect.psdb.cloud user=u password=pscale_pw_s3cret tls=verify-full"},
		{"PlanetScale", "mysql://u:s3cret@h/d?sslmode=verify_identity&sslrootcert=/etc/ssl/cert.pem", "mysql database d on h user=u password=s3cret tls=verify-full ca=/etc/ssl/cert.pem"},
		{"DigitalOcean", "postgresql://doadmin:s3cret@db-1.b.db.ondigitalocean.com:25060/defaultdb?sslmode=require", "postgres database defaultdb on db-1.b.db.ondigitalocean.com:25060 user=doadmin password=s3cret tls=require"},
		{"DigitalOcean, MySQL", "mysql://doadmin:s3cret@h:25060/defaultdb?ssl-mode=REQUIRED", "mysql database defaultdb on h:25060 user=doadmin password=s3cret tls=require"},
		{"Azure", "postgres://admin%40server:s3cret@server.postgres.database.azure.com:5432/app?sslmode=require", "postgres database app on server.postgres.database.azure.com:5432 user=admin@server password=s3cret tls=require"},
		{"AWS RDS", "postgres://u:s3cret@x.rds.amazonaws.com/app?sslmode=verify-full&sslrootcert=/global-bundle.pem", "postgres database app on x.rds.amazonaws.com user=u password=s3cret tls=verify-full ca=/global-bundle.pem"},
		{"Google Cloud SQL", "postgresql://u:s3cret@/app?host=/cloudsql/project:region:instance", "postgres database app on /cloudsql/project:region:instance user=u password=s3cret"},
		{"CockroachDB", "cockroachdb://u@h:26257/defaultdb?sslmode=verify-full&application_name=x", "postgres database defaultdb on h:26257 user=u tls=verify-full application_name=x"},
		{"Scalingo", "postgres://h/app?sslmode=prefer", "postgres database app on h tls=prefer"},
		{"any case", "PostgreSQL://h/app?SSLMode=VERIFY-FULL", "postgres database app on h tls=verify-full"},
		{"a file's name with a question mark", "sqlite:what?#%41.db", "sqlite what?#%41.db"},
	} {
		a, err := Parse(c.url)
		if got := shown(a); err == nil && got != c.want || err != nil && !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s\n%s\n got %s, %v\nwant %s", c.who, c.url, got, err, c.want)
		}
		if strings.Contains(a.Place(), secret) {
			t.Errorf("%s: the place holds a password: %s", c.who, a.Place())
		}
	}
}

// What nobody knows, what cannot be followed, and what may be a part of a
// password is an error that names the parameter and shows no secret (D6).
func TestD6_AnErrorNamesTheParameterAndNoSecret(t *testing.T) {
	for url, want := range map[string]string{
		"postgres://u:s3cret@h/db?sslmod=require":                      "the parameter sslmod of the database's URL is unknown for postgres",
		"mysql://u:s3cret@h/db?sslmod=require":                         "the parameter sslmod of the database's URL is unknown for mysql",
		"sqlite:app.db?moode=ro":                                       "the parameter moode of the database's URL is unknown for sqlite",
		"sqlite:app.db?vfs=unix-none":                                  "the parameter vfs",
		"sqlite:app.db?mode=memory":                                    "what lives in memory is gone",
		"sqlite:app.db?mode=s3cret":                                    "ro, rw or rwc",
		"sqlite:app.db?key=s3cret":                                     "encrypted",
		"sqlite+pysqlcipher:///app.db":                                 "encrypted",
		"sqlite:///":                                                   "lacks the path",
		"postgres://u:s3cret@h/db?sslmode=s3cret":                      "the parameter sslmode",
		"postgres://u:s3cret@h/db?sslcert=a&sslrootcert=b":             "without its key",
		"mysql://u:s3cret@h/db?ssl-key=a":                              "without its certificate",
		"postgres://u:s3cret@h/db?sslidentity=a.p12":                   "the parameter sslidentity of the database's URL cannot be followed here: certificates are read from PEM files",
		"jdbc:mysql://h/db?trustCertificateKeyStoreUrl=file:t.jks":     "PEM files",
		"postgres://u:s3cret@h/db?sslcrl=x":                            "revoked",
		"postgres://u:s3cret@h/db?sslaccept=s3cret":                    "the parameter sslaccept",
		"mysql://u:s3cret@h/db?ssl={\"ca\":\"s3cret\"}":                "the parameter ssl",
		"mysql://u:s3cret@h/db?useSSL=s3cret":                          "the parameter useSSL",
		"postgres://u:s3cret@h/db?schema=":                             "the parameter schema",
		"postgres://u:s3cret@h/db?connect_timeout=s3cret":              "the parameter connect_timeout",
		"postgres://u:s3cret@h/db?port=s3cret":                         "the parameter port",
		"postgres://u:s3cret@h/db?port=0":                              "the parameter port",
		"postgres://u:s3cret@h1,h2,h3/db?port=1,2":                     "the parameter port",
		"postgres://u:s3cret@h/db?host=s3cret%20x":                     "the parameter host",
		"postgres://u:s3cret@h/db?hostaddr=::1":                        "the parameter hostaddr",
		"jdbc:postgresql://h/db?targetServerType=s3cret":               "the parameter targetServerType",
		"mysql://u:s3cret@h/db?socket=s3cret":                          "the parameter socket",
		"mysql://u:s3cret@h/db?timeout=s3cret":                         "the parameter timeout",
		"mysql://u:s3cret@h/db?strict=true":                            "no longer knows the parameter strict",
		"postgres://u:s3c/s3cret@h/db":                                 "write special characters",
		"postgres://u:12/s3cret@h/db":                                  "write special characters",
		"postgres://u:12?s3cret=x@h/db":                                "write special characters",
		"postgres://u:12?s3cret@h/db":                                  "write special characters",
		"postgres://u:a#s3cret@h/db":                                   "write special characters",
		"postgres://u:a@s3cret@h/db":                                   "write special characters",
		"postgres://u:s3cret%@h/db":                                    "malformed",
		"postgres://u:s3cret%zz@h/db":                                  "malformed",
		"postgres://u:s3cret@h:port/db":                                "malformed",
		"postgres://u:s3cret@h:70000/db":                               "malformed",
		"postgres://u:s3cret@[::1/db":                                  "malformed",
		"postgres://u:s3cret@h/db?a=%zz":                               "malformed",
		"mysql:host=h;dbname=x;password=s3cret":                        "malformed",
		"jdbc:mysql://address=(host=h)(password=s3cret)/db":            "malformed",
		"postgres://u@h/db?sslmode=require&s3cret/!=x":                 "whose name is not shown",
		"prisma+postgres://accelerate.prisma-data.net/?api_key=s3cret": "unknown kind of database",
		"redis://:s3cret@h":                                            "unknown kind of database",
		"s3cret":                                                       "unknown kind of database",
		"":                                                             "unknown kind of database",
	} {
		a, err := Parse(url)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s\nwant %q: %v, %s", url, want, err, shown(a))
		}
	}
}

// Whatever stands in an environment: no panic, and no password in a message.
func FuzzD6_Parse(f *testing.F) {
	for _, seed := range []string{"postgres://u:p@h/d?a=b", "jdbc:mysql://h,[::1]:1/d?ssl=true", "sqlite:///a?mode=ro", "file:", "mysql:", "postgres://u:%41@%2Fx"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		a, err := Parse(raw)
		if err == nil && (a.Kind == "" || a.Kind != KindOf(raw)) {
			t.Errorf("%q is of no kind", raw)
		}
		if _, err := Parse("postgres://user:QpassQ" + raw); err != nil && strings.Contains(err.Error(), "QpassQ") {
			t.Errorf("%q: the password is in %v", raw, err)
		}
	})
}
