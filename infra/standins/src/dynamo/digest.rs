use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// The hash of a JSON value that does not depend on the order of an object's members: the SDK writes an item's
/// attributes in another order each time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Digest(u64);

fn hash(kind: u8, value: impl Hash) -> Digest {
    let mut hasher = DefaultHasher::new();
    (kind, value).hash(&mut hasher);
    Digest(hasher.finish())
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Digester)
    }
}

struct Digester;

impl<'de> Visitor<'de> for Digester {
    type Value = Digest;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Digest, E> {
        Ok(hash(0, ()))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Digest, E> {
        Ok(hash(1, value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Digest, E> {
        Ok(hash(2, value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Digest, E> {
        Ok(hash(3, value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Digest, E> {
        Ok(hash(4, value.to_bits()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Digest, E> {
        Ok(hash(5, value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Digest, A::Error> {
        let mut all = hash(6, ());
        while let Some(Digest(element)) = elements.next_element()? {
            all = hash(6, (all.0, element));
        }
        Ok(all)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Digest, A::Error> {
        let mut all = hash(7, ()).0;
        while let Some((Digest(name), Digest(value))) = members.next_entry()? {
            all = all.wrapping_add(hash(7, (name, value)).0);
        }
        Ok(Digest(all))
    }
}
