//! Money: whole minor units and a currency, never a float.

use std::fmt;
use std::num::NonZeroU16;
use std::str::FromStr;

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use super::Currency;
use crate::Invalid;

/// An IEEE 754 double gives back any decimal of 15 significant digits (`DBL_DIG`). Within this
/// bound no JSON reader that knows doubles only, a browser's or `serde_json::Value`, can change an amount.
const MAX_MINOR: i64 = 999_999_999_999_999;
/// Longer text is no amount.
const MAX_WRITTEN: usize = 32;

/// An amount of money: whole minor units (paise, cents) of a currency, at most 15 digits of them.
///
/// On the wire `{"amount": 50000.00, "currency": "INR"}`; where a document has other names for the
/// two, write [`Money::amount`] and [`Money::currency`] under those names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

/// Why a calculation has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Two currencies met.
    #[error("amounts of different currencies cannot be combined")]
    CurrencyMismatch,
    /// More than 15 digits of minor units.
    #[error("the amount is too large")]
    OutOfRange,
}

impl Money {
    /// An amount in minor units.
    pub fn from_minor(minor: i64, currency: Currency) -> Result<Self, MoneyError> {
        if (-MAX_MINOR..=MAX_MINOR).contains(&minor) {
            Ok(Self { minor, currency })
        } else {
            Err(MoneyError::OutOfRange)
        }
    }

    /// Nothing.
    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// Reads decimal text in major units, exactly: `50000`, `50000.00`, `-12.5`. No grouping, no
    /// exponent, no more decimals than the currency has (zeros after them are fine).
    pub fn parse(text: &str, currency: Currency) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Invalid::required());
        }
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (major, decimals) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(major) || !digits(decimals) {
            return Err(Invalid::new("not_an_amount", "must be a decimal number, such as 50000.00"));
        }
        let decimal = if text.len() > MAX_WRITTEN { None } else { Decimal::from_str(text).ok() };
        let decimal = decimal.ok_or_else(too_large)?.normalize();
        if decimal.scale() > currency.digits() {
            return Err(Invalid::new(
                "too_many_decimals",
                match currency.digits() {
                    0 => format!("must be a whole number of {currency}"),
                    most => format!("must have at most {most} decimals in {currency}"),
                },
            ));
        }
        decimal
            .checked_mul(Decimal::from(10_i64.pow(currency.digits())))
            .and_then(|minor| minor.to_i64())
            .and_then(|minor| Self::from_minor(minor, currency).ok())
            .ok_or_else(too_large)
    }

    /// Reads a JSON number or a string in major units. A number that was written with more
    /// decimals than the currency has is refused as such; digits beyond the 17th, which no double
    /// carries, cannot be seen here.
    pub fn from_json(value: &Value, currency: Currency) -> Result<Self, Invalid> {
        match value {
            Value::String(text) => Self::parse(text, currency),
            // Doubles show as their shortest text, with an exponent only where no amount is in range.
            Value::Number(number) => Self::parse(&number.to_string(), currency),
            Value::Null => Err(Invalid::required()),
            _ => Err(Invalid::new("not_an_amount", "must be a number, such as 50000.00")),
        }
    }

    /// Whole minor units: paise, cents, fils.
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// The bare amount, to be written as a JSON number.
    pub const fn amount(self) -> Amount {
        Amount(self)
    }

    /// The sum.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_add)
    }

    /// The difference.
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_sub)
    }

    fn combine(self, other: Self, with: fn(i64, i64) -> Option<i64>) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch);
        }
        with(self.minor, other.minor)
            .ok_or(MoneyError::OutOfRange)
            .and_then(|minor| Self::from_minor(minor, self.currency))
    }

    /// So many times as much.
    pub fn checked_mul(self, times: i64) -> Result<Self, MoneyError> {
        self.minor
            .checked_mul(times)
            .ok_or(MoneyError::OutOfRange)
            .and_then(|minor| Self::from_minor(minor, self.currency))
    }

    /// `rate` per cent of it, rounded to the minor unit, half away from zero: 2.5 paise are 3, and
    /// what is charged and what is given back round alike.
    pub fn percent(self, rate: Decimal) -> Result<Self, MoneyError> {
        Decimal::from(self.minor)
            .checked_mul(rate)
            .and_then(|product| product.checked_div(Decimal::ONE_HUNDRED))
            .map(|share| share.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero))
            .and_then(|share| share.to_i64())
            .ok_or(MoneyError::OutOfRange)
            .and_then(|minor| Self::from_minor(minor, self.currency))
    }

    /// Equal parts that add up to the whole: the first ones take one minor unit more where it does
    /// not divide.
    pub fn split(self, parts: NonZeroU16) -> Vec<Self> {
        let count = i64::from(parts.get());
        let (share, rest) = (self.minor / count, self.minor % count);
        (0..count)
            .map(|part| Self {
                minor: share + if part < rest.abs() { rest.signum() } else { 0 },
                currency: self.currency,
            })
            .collect()
    }
}

fn too_large() -> Invalid {
    Invalid::new("amount_too_large", "must have at most 15 digits")
}

impl fmt::Display for Money {
    /// `50000.00 INR`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount(), self.currency)
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use ser::SerializeStruct;
        let mut object = serializer.serialize_struct("Money", 2)?;
        object.serialize_field("amount", &self.amount())?;
        object.serialize_field("currency", &self.currency)?;
        object.end()
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Wire {
            amount: Value,
            #[serde(default)]
            currency: Currency,
        }
        let wire = Wire::deserialize(deserializer)?;
        Self::from_json(&wire.amount, wire.currency).map_err(de::Error::custom)
    }
}

impl utoipa::__dev::ComposeSchema for Money {
    fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .property("amount", <Amount as utoipa::PartialSchema>::schema())
            .property("currency", <Currency as utoipa::PartialSchema>::schema())
            .required("amount")
            .examples([serde_json::json!({"amount": 50000.00, "currency": "INR"})])
            .into()
    }
}

impl utoipa::ToSchema for Money {}

/// The bare amount of a [`Money`] in major units. Written by `serde_json` as a number that keeps
/// the currency's decimals (`50000.00`, `1500` yen); inside a [`serde_json::Value`] it becomes a
/// double, exact within our bound, which prints as `50000.0`. Other formats are not supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Amount(Money);

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.currency.digits();
        let unit = 10_u64.pow(digits);
        let minor = self.0.minor.unsigned_abs();
        let sign = if self.0.minor < 0 { "-" } else { "" };
        write!(f, "{sign}{}", minor / unit)?;
        if digits > 0 {
            write!(f, ".{:0width$}", minor % unit, width = digits as usize)?;
        }
        Ok(())
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.to_string()).map_err(ser::Error::custom)?.serialize(serializer)
    }
}

impl utoipa::__dev::ComposeSchema for Amount {
    fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Number)
            .description(Some("Major units with the decimals of the currency; a string of the same is accepted"))
            .examples([serde_json::json!(50000.00)])
            .into()
    }
}

impl utoipa::ToSchema for Amount {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn inr(minor: i64) -> Money {
        Money::from_minor(minor, Currency::Inr).expect("money")
    }

    fn read(text: &str, currency: Currency) -> Result<i64, &'static str> {
        Money::parse(text, currency).map(Money::minor).map_err(|invalid| invalid.code)
    }

    #[test]
    fn major_units_become_minor_units_exactly() {
        assert_eq!(read("50000.00", Currency::Inr), Ok(5_000_000));
        assert_eq!(read("-0.1", Currency::Inr), Ok(-10));
        assert_eq!(read("1500", Currency::Jpy), Ok(1_500));
        assert_eq!(read("1.234", Currency::Kwd), Ok(1_234));
        assert_eq!(read("1.500000", Currency::Inr), Ok(150));
        assert_eq!(read("9999999999999.99", Currency::Inr), Ok(MAX_MINOR));
    }

    #[test]
    fn what_is_no_exact_amount_is_refused() {
        assert_eq!(read("", Currency::Inr), Err("required"));
        for text in ["1,000.00", "1e3", ".5", "5.", "0x10", "1_000", "--1", "NaN", "₹5"] {
            assert_eq!(read(text, Currency::Inr), Err("not_an_amount"), "{text}");
        }
        assert_eq!(read("0.001", Currency::Inr), Err("too_many_decimals"));
        assert_eq!(read("0.5", Currency::Jpy), Err("too_many_decimals"));
        assert_eq!(read("10000000000000.00", Currency::Inr), Err("amount_too_large"));
        assert_eq!(read(&"9".repeat(1_000), Currency::Inr), Err("amount_too_large"));
    }

    #[test]
    fn a_sum_of_floats_is_not_taken_for_an_amount() {
        let sum = serde_json::json!(0.1 + 0.2);
        assert_eq!(Money::from_json(&sum, Currency::Inr).map_err(|e| e.code), Err("too_many_decimals"));
        assert!(Money::from_json(&serde_json::json!(1e300), Currency::Inr).is_err());
        assert!(Money::from_json(&serde_json::json!(true), Currency::Inr).is_err());
    }

    #[test]
    fn json_keeps_the_decimals_of_the_currency() {
        assert_eq!(serde_json::to_string(&inr(5_000_000)).expect("json"), r#"{"amount":50000.00,"currency":"INR"}"#);
        let yen = Money::from_minor(-1_500, Currency::Jpy).expect("yen");
        assert_eq!(serde_json::to_string(&yen.amount()).expect("json"), "-1500");
        assert_eq!(inr(-5).to_string(), "-0.05 INR");
    }

    #[test]
    fn rupees_are_meant_where_no_currency_is_named() {
        let money: Money = serde_json::from_str(r#"{"amount": 50000.00}"#).expect("money");
        assert_eq!(money, inr(5_000_000));
        let money: Money = serde_json::from_str(r#"{"amount": "1.25", "currency": "kwd"}"#).expect("money");
        assert_eq!((money.minor(), money.currency()), (1_250, Currency::Kwd));
    }

    #[test]
    fn currencies_do_not_mix_and_sums_do_not_overflow() {
        let dollars = Money::from_minor(1, Currency::Usd).expect("money");
        assert_eq!(inr(1).checked_add(dollars), Err(MoneyError::CurrencyMismatch));
        assert_eq!(inr(MAX_MINOR).checked_add(inr(1)), Err(MoneyError::OutOfRange));
        assert_eq!(inr(-MAX_MINOR).checked_sub(inr(1)), Err(MoneyError::OutOfRange));
        assert_eq!(inr(MAX_MINOR).checked_mul(i64::MAX), Err(MoneyError::OutOfRange));
    }

    #[test]
    fn percentages_round_half_away_from_zero() {
        let rate = |text: &str| text.parse::<Decimal>().expect("rate");
        assert_eq!(inr(10_050).percent(rate("18")), Ok(inr(1_809)));
        assert_eq!(inr(50).percent(rate("5")), Ok(inr(3)));
        assert_eq!(inr(-50).percent(rate("5")), Ok(inr(-3)));
        assert_eq!(inr(MAX_MINOR).percent(Decimal::MAX), Err(MoneyError::OutOfRange));
    }

    proptest! {
        #[test]
        fn splitting_loses_nothing_and_is_fair(minor in -MAX_MINOR..=MAX_MINOR, parts in 1..500_u16) {
            let split = inr(minor).split(NonZeroU16::new(parts).expect("parts"));
            prop_assert_eq!(split.len(), usize::from(parts));
            prop_assert_eq!(split.iter().map(|part| part.minor()).sum::<i64>(), minor);
            let (least, most) = (split.iter().map(|p| p.minor()).min(), split.iter().map(|p| p.minor()).max());
            prop_assert!(most.expect("most") - least.expect("least") <= 1);
        }

        #[test]
        fn an_amount_survives_text_json_and_doubles(minor in -MAX_MINOR..=MAX_MINOR, which in 0..Currency::ALL.len()) {
            let money = Money::from_minor(minor, Currency::ALL[which]).expect("money");
            prop_assert_eq!(Money::parse(&money.amount().to_string(), money.currency()), Ok(money));
            let text = serde_json::to_string(&money).expect("json");
            prop_assert_eq!(serde_json::from_str::<Money>(&text).expect("money"), money);
            let value = serde_json::to_value(money).expect("value");
            prop_assert_eq!(serde_json::from_value::<Money>(value).expect("money"), money);
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}|[-+0-9.e]{0,40}") {
            let _outcome = Money::parse(&text, Currency::Inr);
        }
    }
}
