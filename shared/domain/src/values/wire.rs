//! What every value that is text on the wire has in common.

/// Reads, writes and describes a value that is a string in JSON: it must have `as_str` and
/// `FromStr<Err = Invalid>`. The second argument completes the string's schema.
macro_rules! wire_text {
    ([$($generics:tt)*] $name:ty, |$schema:ident| $described:expr) => {
        impl<$($generics)*> std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl<$($generics)*> AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl<$($generics)*> serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de, $($generics)*> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl<$($generics)*> utoipa::__dev::ComposeSchema for $name {
            fn compose(
                _: Vec<utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>>,
            ) -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                let $schema = utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String);
                $described.into()
            }
        }
    };
    ($name:ty, |$schema:ident| $described:expr) => {
        $crate::values::wire_text!([] $name, |$schema| $described);
        impl utoipa::ToSchema for $name {}
    };
}

/// Words of the API, one of which is meant: an enum that reads any case and writes the word as it stands here. The
/// second argument is the code of a refusal.
macro_rules! wire_enum {
    ($(#[$doc:meta])* $name:ident, $code:literal, $($(#[$variant_doc:meta])* $variant:ident = $word:tt,)+) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        $(#[$doc])*
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::Invalid;

            fn from_str(text: &str) -> Result<Self, $crate::Invalid> {
                let known = Self::ALL.iter().copied();
                known.into_iter().find(|word| word.as_str().eq_ignore_ascii_case(text.trim())).ok_or_else(|| {
                    let words: Vec<&str> = Self::ALL.iter().map(|word| word.as_str()).collect();
                    $crate::Invalid::new($code, format!("must be one of {}", words.join(", ")))
                })
            }
        }
    };
}

pub(crate) use {wire_enum, wire_text};
