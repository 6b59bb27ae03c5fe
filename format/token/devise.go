package token

// DeviseSaltMatches tells whether a session of Devise is of the password that
// the user has now. The salt is the second element of warden's key in the
// session; it is the start of the users' encrypted_password.
func DeviseSaltMatches(salt, encryptedPassword string) bool {
	const saltLength = 29 // of bcrypt: $2a$12$ and 22 characters
	return len(encryptedPassword) > saltLength && same(salt, encryptedPassword[:saltLength])
}
