package storetest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// galeraLibrary is what makes MariaDB servers the nodes of a cluster.
const galeraLibrary = "/usr/lib/galera/libgalera_smm.so"

// StartGalera starts three MariaDB servers that are one Galera cluster, each reached
// at 127.0.0.1, too.
func StartGalera(tb testing.TB) []*Server {
	tb.Helper()
	needs(tb, noMySQL)
	_, err := os.Stat(galeraLibrary)
	if err != nil || installed("/usr/bin", "wsrep_sst_rsync") == "" || installed("/usr/bin", "rsync") == "" || !processes {
		Lacking(tb, "Galera is not installed (Debian: apt-get install mariadb-server galera-4 rsync)")
	}
	group := freePort(tb)
	first := startOwn(tb, func(tb testing.TB, dir string) *Server {
		s := mysqlOnLoopback(tb, dir, "--skip-ssl")
		s.inCluster(group, "gcomm://", "--wsrep-new-cluster")
		return s
	})
	nodes := []*Server{first}
	for range 2 {
		nodes = append(nodes, startOwn(tb, func(tb testing.TB, dir string) *Server { return first.node(tb, dir, group) }))
	}
	first.args = slices.DeleteFunc(first.args, func(arg string) bool { return arg == "--wsrep-new-cluster" })
	return nodes
}

// node makes a server that gets its files from the cluster.
func (s *Server) node(tb testing.TB, dir, group string) *Server {
	node := &Server{tb: tb, dir: dir, program: s.program, user: s.user, port: freePort(tb)}
	if err := os.Mkdir(filepath.Join(dir, "data"), 0o700); err != nil {
		tb.Fatal(err)
	}
	node.user.own(tb, dir)
	for _, arg := range s.args {
		switch name, _, _ := strings.Cut(arg, "="); name {
		case "--init-file", "--port": // what is to be set up comes from the cluster, too
		case "--wsrep-new-cluster", "--wsrep-cluster-address", "--wsrep-provider-options", "--wsrep-node-address", "--wsrep-sst-receive-address":
		default:
			node.args = append(node.args, strings.ReplaceAll(arg, s.dir, dir))
		}
	}
	node.With("--port=" + node.port)
	node.url = strings.ReplaceAll(s.url, strings.ReplaceAll(s.dir, "/", "%2F"), strings.ReplaceAll(dir, "/", "%2F"))
	node.ping = pinger(node.url)
	node.inCluster(freePort(tb), "gcomm://127.0.0.1:"+group)
	return node
}

// inCluster gives a server the arguments of a node, which listens for the others on a
// port. It answers once it has all that they have.
func (s *Server) inCluster(port, others string, args ...string) {
	s.With(append(args,
		"--wsrep-on=ON", "--wsrep-provider="+galeraLibrary, "--wsrep-cluster-name=tests", "--wsrep-cluster-address="+others,
		"--wsrep-node-address=127.0.0.1:"+port, "--wsrep-sst-method=rsync", "--wsrep-sst-receive-address=127.0.0.1:"+freePort(s.tb),
		"--wsrep-provider-options="+fmt.Sprintf("base_host=127.0.0.1;base_port=%s;gmcast.listen_addr=tcp://127.0.0.1:%s;ist.recv_addr=127.0.0.1:%s;gcache.size=8M", port, port, freePort(s.tb)),
		"--binlog-format=ROW", "--innodb-autoinc-lock-mode=2", "--default-storage-engine=InnoDB")...)
	ping := s.ping
	s.ping = func() error {
		if err := ping(); err != nil {
			return err
		}
		if state := s.clusterState(); state != "ON" {
			return fmt.Errorf("the node is not ready: %s", state)
		}
		return nil
	}
}

// clusterState is ON where the node is a part of the cluster.
func (s *Server) clusterState() (state string) {
	db, err := openURL(s.url)
	if err != nil {
		return err.Error()
	}
	defer db.Close()
	var name string
	if err := db.QueryRow("SHOW STATUS LIKE 'wsrep_ready'").Scan(&name, &state); err != nil {
		return err.Error()
	}
	return state
}

// Isolate cuts a node off from the others, which go on without it, and waits until
// it has noticed. The function that it returns brings it back.
func (s *Server) Isolate() (back func()) {
	s.tb.Helper()
	isolate := func(on, state string) {
		s.tb.Helper()
		db, err := openURL(s.url)
		if err != nil {
			s.tb.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec("SET GLOBAL wsrep_provider_options = 'gmcast.isolate=" + on + "'"); err != nil {
			s.tb.Fatal(err)
		}
		Eventually(s.tb, "the node is a part of the cluster: "+state, func() bool { return s.clusterState() == state })
	}
	isolate("1", "OFF")
	return func() { isolate("0", "ON") }
}
