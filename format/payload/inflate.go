package payload

import (
	"bytes"
	"compress/zlib"
	"io"
	"sync"
)

// inflaters keeps readers of zlib: each holds 40 KiB of window and tables,
// most of what a row of Django would cost.
var inflaters sync.Pool

// inflate undoes zlib, but never past the limit of a payload: a kilobyte can
// hold a megabyte of zeros.
func inflate(codec string, data []byte) ([]byte, error) {
	z, err := inflater(data)
	if err != nil {
		return nil, undecodable(codec, "not zlib")
	}
	defer inflaters.Put(z)
	plain, err := io.ReadAll(io.LimitReader(z, MaxSize+1))
	if err != nil {
		return nil, undecodable(codec, "not zlib")
	}
	if len(plain) > MaxSize {
		return nil, undecodable(codec, "larger than 1 MiB when inflated")
	}
	return plain, nil
}

func inflater(data []byte) (io.ReadCloser, error) {
	z, ok := inflaters.Get().(io.ReadCloser)
	if !ok {
		return zlib.NewReader(bytes.NewReader(data))
	}
	return z, z.(zlib.Resetter).Reset(bytes.NewReader(data), nil)
}
