//! Message encryption for Web Push (RFC 8291) over the `aes128gcm` content coding (RFC 8188): one record, so that only the
//! device reads it. The primitives are those that TLS here uses already; salt and ephemeral key arrive as arguments.
//!
//! <https://www.rfc-editor.org/rfc/rfc8291>, <https://www.rfc-editor.org/rfc/rfc8188>

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{self, ECDH_P256, PrivateKey, UnparsedPublicKey};
use aws_lc_rs::encoding::{AsBigEndian as _, EcPublicKeyUncompressedBin};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};

/// An uncompressed point of P-256.
pub const POINT: usize = 65;
/// The salt of one message, and as long the secret that a device shares with whoever may write to it.
pub const SALT: usize = 16;
/// The size of a record that the header announces; push services take no more (RFC 8030, section 7.2).
pub const RECORD: usize = 4_096;
/// The header: salt, size of a record, length of the key, the key.
const HEADER: usize = SALT + 4 + 1 + POINT;
/// The tag of AES-GCM.
const TAG: usize = 16;
/// The most bytes of a message: with its header, delimiter and tag it is one body of 4,096.
pub const MAX_PAYLOAD: usize = RECORD - HEADER - TAG - 1;
/// Ends the last record.
const LAST: u8 = 2;

/// What a message is encrypted for.
#[derive(Clone, Copy)]
pub struct Receiver<'a> {
    /// The device's public key.
    pub key: &'a [u8],
    /// The secret it shares.
    pub auth: &'a [u8],
}

/// It cannot be encrypted for this device, or not be read by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsealable {
    /// A key is none.
    #[error("a key of the subscription is no good")]
    Key,
    /// It is longer than push services take.
    #[error("the message is longer than {MAX_PAYLOAD} bytes")]
    TooLong,
    /// It is not as RFC 8188 says, or not for this device.
    #[error("the message is not for this device")]
    Foreign,
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn derive(salt: &[u8], secret: &[u8], info: &[&[u8]], out: &mut [u8]) -> Result<(), Unsealable> {
    let key = Salt::new(HKDF_SHA256, salt).extract(secret);
    let derived = key.expand(info, Length(out.len())).map_err(|_| Unsealable::Key)?;
    derived.fill(out).map_err(|_| Unsealable::Key)
}

/// The key and the nonce of the one record; the receiver's point comes first in what binds them to both sides.
fn of_record(
    shared: &[u8],
    salt: &[u8],
    auth: &[u8],
    (receiver, sender): (&[u8], &[u8]),
) -> Result<(LessSafeKey, Nonce), Unsealable> {
    let mut secret = [0; 32];
    derive(auth, shared, &[b"WebPush: info\0", receiver, sender], &mut secret)?;
    let (mut key, mut nonce) = ([0; 16], [0; 12]);
    derive(salt, &secret, &[b"Content-Encoding: aes128gcm\0"], &mut key)?;
    derive(salt, &secret, &[b"Content-Encoding: nonce\0"], &mut nonce)?;
    let key = UnboundKey::new(&AES_128_GCM, &key).map_err(|_| Unsealable::Key)?;
    Ok((LessSafeKey::new(key), Nonce::assume_unique_for_key(nonce)))
}

/// The public half of a key.
pub fn point_of(key: &PrivateKey) -> Result<[u8; POINT], Unsealable> {
    let public = key.compute_public_key().map_err(|_| Unsealable::Key)?;
    let point: EcPublicKeyUncompressedBin<'_> = public.as_be_bytes().map_err(|_| Unsealable::Key)?;
    point.as_ref().try_into().map_err(|_| Unsealable::Key)
}

/// A key of P-256 from its 32 bytes.
pub fn key_from(bytes: &[u8; 32]) -> Result<PrivateKey, Unsealable> {
    PrivateKey::from_private_key(&ECDH_P256, bytes).map_err(|_| Unsealable::Key)
}

/// Encrypts a message; `ephemeral` is used for this one alone.
pub fn encrypt(
    payload: &[u8],
    to: Receiver<'_>,
    ephemeral: &PrivateKey,
    salt: [u8; SALT],
) -> Result<Vec<u8>, Unsealable> {
    if payload.len() > MAX_PAYLOAD {
        return Err(Unsealable::TooLong);
    }
    if to.key.len() != POINT || to.auth.len() != SALT {
        return Err(Unsealable::Key);
    }
    let own = point_of(ephemeral)?;
    let peer = UnparsedPublicKey::new(&ECDH_P256, to.key);
    let (key, nonce) =
        agreement::agree(ephemeral, peer, Unsealable::Key, |shared| of_record(shared, &salt, to.auth, (to.key, &own)))?;
    let mut record = [payload, &[LAST]].concat();
    key.seal_in_place_append_tag(nonce, Aad::empty(), &mut record).map_err(|_| Unsealable::Key)?;
    let size = u32::try_from(RECORD).unwrap_or_default().to_be_bytes();
    let length = [u8::try_from(POINT).unwrap_or_default()];
    Ok([&salt[..], &size, &length, &own, &record].concat())
}

/// Reads a message as its device does.
pub fn decrypt(body: &[u8], own: &PrivateKey, auth: &[u8]) -> Result<Vec<u8>, Unsealable> {
    let (header, record) = body.split_at_checked(HEADER).ok_or(Unsealable::Foreign)?;
    let (salt, rest) = header.split_at(SALT);
    let sender = &rest[5..];
    if usize::from(rest[4]) != POINT || body.len() > RECORD {
        return Err(Unsealable::Foreign);
    }
    let receiver = point_of(own)?;
    let peer = UnparsedPublicKey::new(&ECDH_P256, sender);
    let (key, nonce) =
        agreement::agree(own, peer, Unsealable::Foreign, |shared| of_record(shared, salt, auth, (&receiver, sender)))?;
    let mut record = record.to_vec();
    let opened = key.open_in_place(nonce, Aad::empty(), &mut record).map_err(|_| Unsealable::Foreign)?;
    // Padding of zeros stands behind the delimiter.
    let end =
        opened.iter().rposition(|byte| *byte != 0).filter(|end| opened[*end] == LAST).ok_or(Unsealable::Foreign)?;
    Ok(opened[..end].to_vec())
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    fn bytes<const N: usize>(text: &str) -> [u8; N] {
        URL_SAFE_NO_PAD.decode(text).expect("base 64").try_into().expect("so many bytes")
    }

    /// RFC 8291, section 5 and appendix A.
    #[test]
    fn the_example_of_rfc_8291_comes_out_byte_for_byte() {
        let auth: [u8; SALT] = bytes("BTBZMqHH6r4Tts7J_aSIgg");
        let device = key_from(&bytes("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")).expect("a key");
        let key = point_of(&device).expect("a point");
        assert_eq!(
            URL_SAFE_NO_PAD.encode(key),
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
        );
        let ephemeral = key_from(&bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")).expect("a key");
        let text = b"When I grow up, I want to be a watermelon";
        let body = encrypt(text, Receiver { key: &key, auth: &auth }, &ephemeral, bytes("DGv6ra1nlYgDCS1FRnbzlw"))
            .expect("a body");
        assert_eq!(
            URL_SAFE_NO_PAD.encode(&body),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_\
             yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        );
        assert_eq!(decrypt(&body, &device, &auth).as_deref(), Ok(&text[..]));
        assert_eq!(decrypt(&body, &ephemeral, &auth), Err(Unsealable::Foreign));
        assert_eq!(decrypt(&body, &device, &[0; SALT]), Err(Unsealable::Foreign));
    }

    #[test]
    fn the_longest_message_is_a_body_of_4_096_bytes() {
        let (device, ephemeral) = (key_from(&[1; 32]).expect("a key"), key_from(&[2; 32]).expect("a key"));
        let key = point_of(&device).expect("a point");
        let to = Receiver { key: &key, auth: &[3; SALT] };
        let longest = vec![0; MAX_PAYLOAD];
        let body = encrypt(&longest, to, &ephemeral, [4; SALT]).expect("a body");
        assert_eq!(body.len(), RECORD);
        assert_eq!(decrypt(&body, &device, &[3; SALT]), Ok(longest));
        assert_eq!(encrypt(&[0; MAX_PAYLOAD + 1], to, &ephemeral, [4; SALT]), Err(Unsealable::TooLong));
        let off_the_curve = [4; POINT];
        let to = Receiver { key: &off_the_curve, ..to };
        assert_eq!(encrypt(b"", to, &ephemeral, [4; SALT]), Err(Unsealable::Key));
    }
}
