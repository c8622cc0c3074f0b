//! Telephone numbers in the form of ITU-T E.164.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use rlibphonenumber::{NumberLengthType, PHONE_NUMBER_UTIL, PhoneNumberFormat};

use super::wire::wire_text;
use crate::Invalid;

/// Longer text is no number, however it is punctuated.
const MAX_WRITTEN: usize = 40;

/// The country whose national form a number without `+` is read in: an ISO 3166-1 alpha-2 code
/// that has a numbering plan. India if nothing else is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region(rlibphonenumber::Region);

impl Region {
    /// India.
    pub const INDIA: Self = Self(rlibphonenumber::Region::IN);
}

impl Default for Region {
    fn default() -> Self {
        Self::INDIA
    }
}

impl FromStr for Region {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        text.to_ascii_uppercase()
            .parse()
            .ok()
            .filter(|region| PHONE_NUMBER_UTIL.get_country_code_for_region(*region).is_some())
            .map(Self)
            .ok_or_else(|| Invalid::new("unknown_region", "must be an ISO 3166 country code, such as IN"))
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A telephone number in the form of [E.164](https://www.itu.int/rec/T-REC-E.164): `+` and 7 to 15
/// digits, the first of them the country's. Valid by the numbering plans of libphonenumber when
/// [parsed](Phone::parse) from what people write; what the wire or the table already holds in this
/// form is read back by form alone, so that a change of plan makes no record unreadable.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone(String);

impl Phone {
    /// Reads what people write: `+91-9876543210`, `098765 43210`, `9876543210`, `tel:` links, digits
    /// of any script. Without `+` it is read as dialled within `region`.
    ///
    /// Refuses with `not_a_phone`, `phone_too_short`, `phone_too_long` (impossible by length) or
    /// `phone_not_in_use` (no numbering plan has such a number); an extension is `phone_extension`,
    /// as a message cannot be sent to one.
    pub fn parse(text: &str, region: Region) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Invalid::required());
        }
        if text.len() > MAX_WRITTEN * 4 || text.chars().count() > MAX_WRITTEN {
            return Err(too_long());
        }
        // Vanity letters are more often a typing error than a number.
        let written = text.strip_prefix("tel:").unwrap_or(text);
        if written.chars().any(|c| c.is_ascii_alphabetic() && !"ext.EXT#".contains(c)) {
            return Err(not_a_phone());
        }
        let number = PHONE_NUMBER_UTIL.parse(text, Some(region.0)).map_err(|error| match error {
            rlibphonenumber::ParseError::TooShortAfterIdd | rlibphonenumber::ParseError::TooShortNsn => too_short(),
            rlibphonenumber::ParseError::TooLongNsn => too_long(),
            rlibphonenumber::ParseError::InvalidCountryCode | rlibphonenumber::ParseError::NotANumber(_) => {
                not_a_phone()
            }
        })?;
        match PHONE_NUMBER_UTIL.is_possible_number_with_reason(&number) {
            Ok(NumberLengthType::IsPossible) => {}
            Ok(NumberLengthType::IsPossibleLocalOnly) | Err(rlibphonenumber::ValidationError::TooShort) => {
                return Err(too_short());
            }
            Err(rlibphonenumber::ValidationError::TooLong) => return Err(too_long()),
            Err(_) => return Err(not_in_use()),
        }
        if !PHONE_NUMBER_UTIL.is_valid_number(&number) {
            return Err(not_in_use());
        }
        if number.extension.as_deref().is_some_and(|extension| !extension.is_empty()) {
            return Err(Invalid::new("phone_extension", "must be a number without an extension"));
        }
        PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::E164).parse()
    }

    /// Loads the numbering plans (once a process: 3 to 4 ms of a whole CPU, about 4 MB), so that the
    /// first request need not: for the start of functions that parse numbers.
    pub fn warm() {
        LazyLock::force(&PHONE_NUMBER_UTIL);
    }

    /// The number as E.164 text, with `+`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The digits of E.164, country code included.
    pub fn digits(&self) -> &str {
        &self.0[1..]
    }

    /// The digits that follow the country code: the national (significant) number.
    pub fn national(&self) -> &str {
        &self.digits()[country_code_len(self.digits())..]
    }

    /// For eyes that need not see it: `+91******3210`.
    pub fn masked(&self) -> String {
        let national = self.national();
        let code = &self.0[..self.0.len() - national.len()];
        let shown = national.len().min(8) / 2;
        let (hidden, shown) = national.split_at(national.len() - shown);
        format!("{code}{}{shown}", "*".repeat(hidden.len()))
    }
}

fn not_a_phone() -> Invalid {
    Invalid::new("not_a_phone", "must be a phone number")
}

fn too_short() -> Invalid {
    Invalid::new("phone_too_short", "has too few digits for a phone number")
}

fn too_long() -> Invalid {
    Invalid::new("phone_too_long", "has too many digits for a phone number")
}

fn not_in_use() -> Invalid {
    Invalid::new("phone_not_in_use", "is not a number of any numbering plan")
}

/// How many digits the country code takes: codes are prefix-free, and all that are not of one or
/// two digits have three ([E.164 assigned country codes](https://www.itu.int/pub/T-SP-E.164D)).
fn country_code_len(digits: &str) -> usize {
    let two = digits.get(..2).and_then(|head| head.parse::<u8>().ok()).unwrap_or(0);
    match two {
        10..=19 | 70..=79 => 1,
        20 | 27 | 30..=34 | 36 | 39..=41 | 43..=49 | 51..=58 | 60..=66 | 81 | 82 | 84 | 86 | 90..=95 | 98 => 2,
        _ => 3,
    }
}

impl FromStr for Phone {
    type Err = Invalid;

    /// E.164 by form only; [`Phone::parse`] reads what people write.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let digits = text.strip_prefix('+').unwrap_or_default().as_bytes();
        let well_formed = (7..=15).contains(&digits.len())
            && digits.iter().all(u8::is_ascii_digit)
            && digits.first().is_some_and(|first| *first != b'0');
        if well_formed {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new("not_e164", "must be + and 7 to 15 digits, such as +919876543210"))
        }
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phone({})", self.masked())
    }
}

wire_text!(Phone, |schema| schema
    .pattern(Some(r"^\+[1-9][0-9]{6,14}$"))
    .examples([serde_json::json!("+919876543210")]));

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<String, &'static str> {
        Phone::parse(text, Region::INDIA).map(|phone| phone.0).map_err(|invalid| invalid.code)
    }

    #[test]
    fn one_number_is_one_value_however_it_is_written() {
        for written in [
            "+91-9876543210",
            "098765 43210",
            "9876543210",
            "+91 (98765) 43210",
            "00919876543210",
            "tel:+91-98765-43210",
            "९८७६५४३२१०",
            " 98765-43210 ",
        ] {
            assert_eq!(read(written).as_deref(), Ok("+919876543210"), "{written}");
        }
    }

    #[test]
    fn a_number_of_another_country_needs_its_code() {
        assert_eq!(read("+44 20 7946 0958").as_deref(), Ok("+442079460958"));
        assert_eq!(read("+39 06 1234 5678").as_deref(), Ok("+390612345678"));
        let uk = "gb".parse().expect("region");
        assert_eq!(Phone::parse("020 7946 0958", uk).expect("phone").as_str(), "+442079460958");
        assert!("ZZ".parse::<Region>().is_err() && "India".parse::<Region>().is_err());
    }

    #[test]
    fn impossible_numbers_are_refused_with_their_reason() {
        assert_eq!(read(""), Err("required"));
        assert_eq!(read("call me"), Err("not_a_phone"));
        assert_eq!(read("1-800-FLOWERS"), Err("not_a_phone"));
        assert_eq!(read("+999 12345678"), Err("not_a_phone"));
        assert_eq!(read("98765"), Err("phone_too_short"));
        assert_eq!(read("98765432101234"), Err("phone_too_long"));
        assert_eq!(read("+91 0000000000"), Err("phone_not_in_use"));
        assert_eq!(read("+919876543210 ext. 5"), Err("phone_extension"));
        assert_eq!(read(&"9".repeat(10_000)), Err("phone_too_long"));
    }

    #[test]
    fn a_log_shows_the_last_four_digits_only() {
        let phone: Phone = "+919876543210".parse().expect("phone");
        assert_eq!(phone.masked(), "+91******3210");
        assert_eq!(format!("{phone:?}"), "Phone(+91******3210)");
        assert_eq!("+2901234".parse::<Phone>().expect("phone").masked(), "+290**34");
    }

    #[test]
    fn the_national_number_follows_the_country_code() {
        for (number, national) in
            [("+919876543210", "9876543210"), ("+12015550123", "2015550123"), ("+971501234567", "501234567")]
        {
            assert_eq!(number.parse::<Phone>().expect("phone").national(), national);
        }
    }

    #[test]
    fn the_wire_carries_e164_only() {
        assert!(serde_json::from_str::<Phone>(r#""9876543210""#).is_err());
        let phone: Phone = serde_json::from_str(r#""+919876543210""#).expect("phone");
        assert_eq!(serde_json::to_string(&phone).expect("json"), r#""+919876543210""#);
    }

    proptest! {
        #[test]
        fn no_text_panics_and_what_is_accepted_is_stable(text in "\\PC{0,30}|[+0-9() .-]{4,20}") {
            if let Ok(phone) = Phone::parse(&text, Region::INDIA) {
                prop_assert_eq!(Phone::parse(phone.as_str(), Region::INDIA), Ok(phone.clone()));
                prop_assert!(!phone.national().is_empty());
            }
        }
    }
}
