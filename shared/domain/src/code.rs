//! Codes that people read out and type.

/// What codes are made of: no letter or digit that passes for another.
const ALPHABET: &[u8; 31] = b"23456789abcdefghjkmnpqrstuvwxyz";

/// A code of as many characters as there are random bytes: nearly five bits each.
pub fn readable(random: &[u8]) -> String {
    random.iter().map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])).collect()
}
