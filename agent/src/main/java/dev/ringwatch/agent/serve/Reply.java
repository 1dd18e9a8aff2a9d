package dev.ringwatch.agent.serve;

/**
 * A response and what becomes of its connection.
 *
 * @param close whether what follows on the connection cannot be understood, or must not be read
 */
record Reply(Response response, boolean close) {

    static Reply refuse(int status, String reason) {
        return new Reply(Response.line(status, status + ": " + reason), false);
    }

    Reply andClose() {
        return new Reply(response, true);
    }

    Reply with(String name, String value) {
        return new Reply(response.with(name, value), close);
    }
}
