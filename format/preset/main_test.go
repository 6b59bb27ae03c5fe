package preset_test

import (
	"os"
	"testing"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Run(m)) }
