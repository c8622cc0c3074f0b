//! Currencies by their ISO 4217 code.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use crate::Invalid;

macro_rules! currencies {
    ($($(#[$attribute:meta])* $variant:ident = $code:literal, $digits:literal;)*) => {
        /// A currency of [ISO 4217](https://www.six-group.com/en/products-services/financial-information/data-standards.html):
        /// those our customers bill in. The rupee where nothing else is said.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Currency {
            $($(#[$attribute])* $variant,)*
        }

        impl Currency {
            /// All of them, by code.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The three letters.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)*
                }
            }

            /// How many decimals an amount has: the standard's "minor unit".
            pub const fn digits(self) -> u32 {
                match self {
                    $(Self::$variant => $digits,)*
                }
            }
        }
    };
}

currencies! {
    /// United Arab Emirates dirham.
    Aed = "AED", 2;
    /// Australian dollar.
    Aud = "AUD", 2;
    /// Bahraini dinar.
    Bhd = "BHD", 3;
    /// Canadian dollar.
    Cad = "CAD", 2;
    /// Euro.
    Eur = "EUR", 2;
    /// Pound sterling.
    Gbp = "GBP", 2;
    /// Indian rupee.
    #[default]
    Inr = "INR", 2;
    /// Japanese yen.
    Jpy = "JPY", 0;
    /// Kuwaiti dinar.
    Kwd = "KWD", 3;
    /// Omani rial.
    Omr = "OMR", 3;
    /// Qatari riyal.
    Qar = "QAR", 2;
    /// Saudi riyal.
    Sar = "SAR", 2;
    /// Singapore dollar.
    Sgd = "SGD", 2;
    /// United States dollar.
    Usd = "USD", 2;
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Currency {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        Self::ALL.iter().copied().find(|currency| text.eq_ignore_ascii_case(currency.code())).ok_or_else(|| {
            Invalid::new("unknown_currency", "must be an ISO 4217 code that is in use here, such as INR")
        })
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl utoipa::__dev::ComposeSchema for Currency {
    fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(Self::ALL.iter().map(|currency| currency.code())))
            .default(Some(serde_json::json!(Self::default().code())))
            .into()
    }
}

impl utoipa::ToSchema for Currency {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_currency_is_read_in_any_case_and_written_in_capitals() {
        assert_eq!(" inr ".parse(), Ok(Currency::Inr));
        assert_eq!(serde_json::to_string(&Currency::Jpy).expect("json"), r#""JPY""#);
        assert_eq!("XXX".parse::<Currency>().map_err(|e| e.code), Err("unknown_currency"));
    }

    #[test]
    fn decimals_are_those_of_the_standard() {
        assert_eq!([Currency::Jpy, Currency::Inr, Currency::Kwd].map(Currency::digits), [0, 2, 3]);
    }
}
