package dev.ringwatch.agent.web;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Certificates and private keys in PEM (RFC 7468): PKCS#8, PKCS#1 for RSA, SEC 1 for EC. */
final class Pem {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----", Pattern.DOTALL);

    /** AlgorithmIdentifier of rsaEncryption, with no parameters. */
    private static final byte[] RSA = HexFormat.of().parseHex("300d06092a864886f70d0101010500");

    /** The object identifier of id-ecPublicKey. */
    private static final byte[] EC = HexFormat.of().parseHex("06072a8648ce3d0201");

    private static final byte[] VERSION_0 = {2, 1, 0};
    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 4;
    private static final int PARAMETERS = 0xa0;

    private Pem() {}

    private record Block(String label, String base64) {}

    /**
     * All certificates of a text, in their order.
     *
     * @throws WebConfigException if there is none, or one cannot be read
     */
    static List<X509Certificate> certificates(String name, String text) throws WebConfigException {
        List<X509Certificate> all = new ArrayList<>();
        for (Block block : blocks(name, text)) {
            if (block.label.equals("CERTIFICATE")) {
                all.add(certificate(name, bytes(name, block)));
            }
        }
        if (all.isEmpty()) {
            throw new WebConfigException(name + ": no CERTIFICATE in PEM");
        }
        return all;
    }

    private static X509Certificate certificate(String name, byte[] der) throws WebConfigException {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(der));
        } catch (CertificateException e) {
            throw new WebConfigException(name + ": a certificate cannot be read", e);
        }
    }

    /**
     * The first private key of a text.
     *
     * @throws WebConfigException if there is none, or it cannot be read
     */
    static PrivateKey privateKey(String name, String text) throws WebConfigException {
        for (Block block : blocks(name, text)) {
            switch (block.label) {
                case "PRIVATE KEY" -> {
                    return key(name, bytes(name, block));
                }
                case "RSA PRIVATE KEY" -> {
                    return key(name, pkcs8(RSA, bytes(name, block)));
                }
                case "EC PRIVATE KEY" -> {
                    return key(
                            name,
                            pkcs8(
                                    der(SEQUENCE, EC, curve(name, bytes(name, block))),
                                    bytes(name, block)));
                }
                case "ENCRYPTED PRIVATE KEY" ->
                        throw new WebConfigException(
                                name + ": the key is encrypted; decrypt it (openssl pkey)");
                default -> {} // certificates and parameters may stand in the same file
            }
        }
        throw new WebConfigException(name + ": no private key in PEM");
    }

    private static List<Block> blocks(String name, String text) throws WebConfigException {
        List<Block> all = new ArrayList<>();
        Matcher m = BLOCK.matcher(text);
        while (m.find()) {
            String body = m.group(2);
            if (body.contains("ENCRYPTED")) {
                throw new WebConfigException(
                        name + ": the key is encrypted; decrypt it (openssl pkey)");
            }
            all.add(new Block(m.group(1), body));
        }
        return all;
    }

    private static PrivateKey key(String name, byte[] pkcs8) throws WebConfigException {
        for (String algorithm : List.of("RSA", "EC", "EdDSA")) {
            Optional<PrivateKey> key = key(name, algorithm, pkcs8);
            if (key.isPresent()) {
                return key.get();
            }
        }
        throw new WebConfigException(name + ": the private key is neither RSA, EC nor EdDSA");
    }

    private static byte[] bytes(String name, Block block) throws WebConfigException {
        try {
            return Base64.getMimeDecoder().decode(block.base64.getBytes(US_ASCII));
        } catch (IllegalArgumentException e) {
            throw new WebConfigException(name + ": its PEM is not base64", e);
        }
    }

    /** The key, if it is of this algorithm. */
    private static Optional<PrivateKey> key(String name, String algorithm, byte[] pkcs8)
            throws WebConfigException {
        try {
            return Optional.of(
                    KeyFactory.getInstance(algorithm)
                            .generatePrivate(new PKCS8EncodedKeySpec(pkcs8)));
        } catch (InvalidKeySpecException e) {
            return Optional.empty();
        } catch (GeneralSecurityException e) {
            throw new WebConfigException(name + ": " + e.getMessage(), e);
        }
    }

    /** PrivateKeyInfo, RFC 5208. */
    private static byte[] pkcs8(byte[] algorithm, byte[] key) {
        return der(SEQUENCE, VERSION_0, algorithm, der(OCTET_STRING, key));
    }

    /** The curve's identifier in an ECPrivateKey (RFC 5915): version, key, [0] parameters. */
    private static byte[] curve(String name, byte[] ecPrivateKey) throws WebConfigException {
        try {
            int at = content(ecPrivateKey, 0);
            at = end(ecPrivateKey, at); // version
            at = end(ecPrivateKey, at); // key
            if ((ecPrivateKey[at] & 0xff) == PARAMETERS) {
                return Arrays.copyOfRange(
                        ecPrivateKey, content(ecPrivateKey, at), end(ecPrivateKey, at));
            }
        } catch (ArrayIndexOutOfBoundsException | IllegalArgumentException e) {
            // Its lengths are as wrong as those of a file that is cut off.
            throw new WebConfigException(name + ": the EC private key is cut off", e);
        }
        throw new WebConfigException(
                name + ": the EC private key does not name its curve; convert it (openssl pkey)");
    }

    /** Where the content of the value at an offset begins. */
    private static int content(byte[] der, int at) {
        int length = der[at + 1] & 0xff;
        return at + 2 + (length < 0x80 ? 0 : length & 0x7f);
    }

    private static int end(byte[] der, int at) {
        int begin = content(der, at);
        int length = der[at + 1] & 0xff;
        if (length >= 0x80) {
            length = 0;
            for (int i = at + 2; i < begin; i++) {
                length = length << 8 | (der[i] & 0xff);
            }
        }
        return begin + length;
    }

    private static byte[] der(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        int length = content.size();
        if (length < 0x80) {
            out.write(length);
        } else {
            out.write(0x82); // two bytes of length: keys are below 64 KiB
            out.write(length >> 8);
            out.write(length);
        }
        out.writeBytes(content.toByteArray());
        return out.toByteArray();
    }
}
