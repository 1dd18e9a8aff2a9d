package dev.ringwatch.uring.loop;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/** A socket as the streams of java.io. */
final class SocketViews {
    private SocketViews() {}

    static InputStream input(UringSocket socket) {
        return new Input(socket);
    }

    static OutputStream output(UringSocket socket) {
        return new Output(socket);
    }

    private static final class Input extends InputStream {
        private final UringSocket socket;

        Input(UringSocket socket) {
            this.socket = socket;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            return length == 0 ? 0 : socket.read(ByteBuffer.wrap(into, offset, length));
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static final class Output extends OutputStream {
        private final UringSocket socket;

        Output(UringSocket socket) {
            this.socket = socket;
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, from.length);
            socket.write(ByteBuffer.wrap(from, offset, length));
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
