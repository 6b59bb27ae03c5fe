package payload_test

import (
	"fmt"

	"github.com/seed-11312c3d/caddy-session/format/payload"
)

// A session of PHP is decoded, and a path finds the user in it.
func Example() {
	session := []byte(`cart|a:1:{i:0;s:4:"book";}user|O:8:"App\User":2:{s:2:"id";i:7;s:5:"roles";a:2:{i:0;s:5:"admin";i:1;s:3:"ops";}}`)
	tree, err := payload.DecodePHPSession(session)
	if err != nil {
		fmt.Println(err)
		return
	}
	id, _ := payload.Find(tree, "user.id")
	text, ok := payload.TextOf(id)
	fmt.Println(text, ok)

	roles, _ := payload.Find(tree, "user.roles")
	list, ok := payload.ListOf(roles)
	fmt.Println(list, ok)

	// Output:
	// 7 true
	// [admin ops] true
}

// A bar reads a text that was found once more, with the codec that it names.
func ExampleParsePath() {
	tree, _ := payload.DecodeJSON([]byte(`{"identity": "a:1:{s:5:\"email\";s:17:\"alice@example.com\";}"}`))
	path, err := payload.ParsePath("identity|php.email")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(path.Find(tree))

	_, err = payload.ParsePath("identity|pickle")
	fmt.Println(err != nil)

	// Output:
	// alice@example.com true
	// true
}

// What cannot be read says why, and nothing of what it holds.
func ExampleByName() {
	codec, ok := payload.ByName("msgpack")
	fmt.Println(ok)

	tree, err := codec([]byte("\x81\xa7user_id\x2a"))
	fmt.Println(tree, err)

	_, err = codec([]byte("\x81\xa7user_id"))
	fmt.Println(err)

	// Output:
	// true
	// map[user_id:42] <nil>
	// reading msgpack: it ends early
}
