package caddysession

import (
	"context"
	"fmt"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyevents"
	"golang.org/x/sync/errgroup"

	"github.com/seed-11312c3d/caddy-session/internal/meters"
)

func init() {
	caddy.RegisterModule(new(App))
}

// App holds the realms: populations of sessions that guards, logins and
// logouts refer to by name.
//
// A realm that is configured nowhere still works if its name is `default`: its
// sessions live in the database that the environment variable SESSION_DB_URL
// names, or else in a SQLite file in Caddy's data directory.
type App struct {
	// The realms by name. Names are letters, digits, `-` and `_`.
	Realms map[string]*Realm `json:"realms,omitempty"`

	shared // mu guards Realms, too, while handlers are provisioned
}

// CaddyModule returns the Caddy module information.
func (*App) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{
		ID:  "session",
		New: func() caddy.Module { return new(App) },
	}
}

// Provision sets up the realms. It touches no database.
func (a *App) Provision(ctx caddy.Context) error {
	a.ctx = ctx
	a.meters = meters.New(ctx.GetMetricsRegistry())
	events, err := ctx.App("events")
	if err != nil {
		return fmt.Errorf("loading the events app: %w", err)
	}
	a.events = events.(*caddyevents.App)
	if a.Realms == nil {
		a.Realms = make(map[string]*Realm)
	}
	for name, realm := range a.Realms {
		if realm == nil {
			realm = new(Realm)
			a.Realms[name] = realm
		}
		realm.needed = true
		if err := realm.provision(&a.shared, name); err != nil {
			return fmt.Errorf("session realm %q: %w", name, err)
		}
		a.known(realm)
	}
	return nil
}

// known notes a realm, and whether it has tokens that no app may see.
func (a *App) known(realm *Realm) {
	a.realms = append(a.realms, realm)
	if !realm.isForeign() {
		a.natives = append(a.natives, realm)
	}
}

// realm returns the realm that a handler named, and makes the realm that needs
// no configuration when a handler asks for it.
func (a *App) realm(name string, needed bool) (*Realm, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if name == "" {
		name = defaultRealm
	}
	if realm, ok := a.Realms[name]; ok {
		realm.needed = realm.needed || needed
		return realm, nil
	}
	if name != defaultRealm {
		return nil, fmt.Errorf("no session realm is named %q; add `session %s { ... }` to the global options", name, name)
	}
	realm := &Realm{needed: needed}
	a.Realms[name] = realm // before provisioning, so that Cleanup finds it
	if err := realm.provision(&a.shared, name); err != nil {
		return nil, fmt.Errorf("session realm %q: %w", name, err)
	}
	a.known(realm)
	return realm, nil
}

// realmOf loads the session app and returns its realm of that name. A handler
// that asks for no session needs no database.
func realmOf(ctx caddy.Context, name string, needed bool) (*Realm, error) {
	app, err := ctx.App("session")
	if err != nil {
		return nil, fmt.Errorf("loading the session app: %w", err)
	}
	return app.(*App).realm(name, needed)
}

// Start opens and migrates the databases. A database that refuses for good
// (a wrong password, a failed migration) rejects the configuration; one that is
// merely not there yet does not: its routes answer 503 until it comes.
func (a *App) Start() error {
	if err := a.checkRoutes(); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(context.WithoutCancel(a.ctx))
	for name, realm := range a.Realms {
		group.Go(func() error {
			if err := realm.start(ctx); err != nil {
				return fmt.Errorf("session realm %q: %w", name, err)
			}
			return nil
		})
	}
	return group.Wait()
}

// Stop does nothing: requests of this configuration may still be in flight.
func (*App) Stop() error { return nil }

// Cleanup gives the databases back; the last user's going closes them.
func (a *App) Cleanup() error {
	for _, realm := range a.Realms {
		realm.cleanup()
	}
	return nil
}

// Interface guards
var (
	_ caddy.App          = (*App)(nil)
	_ caddy.Provisioner  = (*App)(nil)
	_ caddy.CleanerUpper = (*App)(nil)
)
