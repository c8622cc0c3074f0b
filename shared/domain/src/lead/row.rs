//! A row of a sheet becomes what is told of a lead, by a mapping of columns to fields.

use std::collections::HashSet;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::{Lead, LeadDetails};
use crate::job::RowProblem;
use crate::record::Claim;
use crate::{CustomFields, EmailAddress, FieldInvalid, Invalid, Label, PersonName, Phone, Priority, Region, Tag, Tags};

const CUSTOM: &str = "custom_fields.";
/// What separates tags in a cell.
const TAG_SEPARATORS: [char; 4] = [',', ';', '|', '\n'];

/// What a column of a file becomes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RowField {
    /// The name.
    FullName,
    /// The first part of the name, where no column has all of it.
    FirstName,
    /// Its last part.
    LastName,
    /// The address.
    Email,
    /// The number; without a country code it is read as dialled in India.
    Phone,
    /// The id in the system the file comes from.
    ExternalId,
    /// Where the lead comes from.
    Source,
    /// The medium of that source.
    Medium,
    /// The campaign of that source.
    Campaign,
    /// The town.
    City,
    /// How soon it should be worked on.
    Priority,
    /// Labels, separated by commas, semicolons or bars.
    Tags,
    /// A free field of this name.
    Custom(String),
    /// Nothing: the column is left out.
    Nothing,
}

/// The fields by name, each with the headers (letters and digits in lower case) that mean it.
const FIELDS: [(&str, RowField, &[&str]); 12] = [
    ("full_name", RowField::FullName, &["fullname", "name", "leadname", "contactname", "studentname", "customername"]),
    ("first_name", RowField::FirstName, &["firstname", "givenname"]),
    ("last_name", RowField::LastName, &["lastname", "surname", "familyname"]),
    ("email", RowField::Email, &["email", "emailaddress", "emailid", "mail"]),
    (
        "phone",
        RowField::Phone,
        &["phone", "phonenumber", "phoneno", "mobile", "mobilenumber", "mobileno", "mobilephone", "contactnumber"],
    ),
    ("external_id", RowField::ExternalId, &["externalid", "prospectid", "leadid"]),
    ("source", RowField::Source, &["source", "leadsource", "utmsource"]),
    ("medium", RowField::Medium, &["medium", "leadmedium", "utmmedium"]),
    ("campaign", RowField::Campaign, &["campaign", "campaignname", "utmcampaign"]),
    ("city", RowField::City, &["city", "town"]),
    ("priority", RowField::Priority, &["priority", "leadpriority"]),
    ("tags", RowField::Tags, &["tags", "tag", "labels"]),
];

impl RowField {
    /// The field that a header means by itself; a free field of the header's name where it means none.
    fn of_header(header: &str) -> Self {
        let plain: String = header.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        FIELDS
            .iter()
            .find(|(_, _, headers)| headers.contains(&plain.as_str()))
            .map_or_else(|| Self::custom(header), |(_, field, _)| field.clone())
    }

    fn custom(header: &str) -> Self {
        Self::Custom(header.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// Its name in a mapping: `email`, `custom_fields.x`, empty for nothing.
    pub fn name(&self) -> String {
        match self {
            Self::Custom(key) => format!("{CUSTOM}{key}"),
            Self::Nothing => String::new(),
            known => FIELDS
                .iter()
                .find(|(_, field, _)| field == known)
                .map_or_else(String::new, |(name, _, _)| (*name).to_owned()),
        }
    }

    /// Whether it can tell one lead from another.
    const fn identifies(&self) -> bool {
        matches!(self, Self::FullName | Self::FirstName | Self::LastName | Self::Email | Self::Phone | Self::ExternalId)
    }
}

impl std::str::FromStr for RowField {
    type Err = Invalid;

    fn from_str(name: &str) -> Result<Self, Invalid> {
        if name.trim().is_empty() {
            return Ok(Self::Nothing);
        }
        if let Some(key) = name.strip_prefix(CUSTOM) {
            return Ok(Self::Custom(key.to_owned()));
        }
        FIELDS
            .iter()
            .find(|(known, _, _)| *known == name || *known == "full_name" && name == "name")
            .map(|(_, field, _)| field.clone())
            .ok_or_else(|| {
                Invalid::new("unknown_field", "is no field of a lead; free fields begin with custom_fields.")
            })
    }
}

/// What each column of a file becomes, in the order of the columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowMapping(Vec<(String, RowField)>);

impl RowMapping {
    /// The mapping of a file with these headers: as `asked`, and by the headers' own names where nothing
    /// is asked. Names everything wrong: columns that are not there, fields that are none or are named
    /// twice, free fields with impossible names, and a file without a column that identifies a lead.
    pub fn new(headers: &[String], asked: &IndexMap<String, String>) -> Result<Self, Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let mut refuse = |column: &str, invalid| wrong.push(FieldInvalid::new(format!("mapping.{column}"), invalid));
        let mut taken = HashSet::new();
        let mut asked_for: IndexMap<&str, RowField> = IndexMap::new();
        for (column, name) in asked {
            if !headers.contains(column) {
                refuse(column, Invalid::new("unknown_column", "is no column of the file"));
                continue;
            }
            match name.parse::<RowField>() {
                Err(invalid) => refuse(column, invalid),
                Ok(field) if field != RowField::Nothing && !taken.insert(field.clone()) => {
                    refuse(column, Invalid::new("mapped_twice", "names a field that another column has"));
                }
                Ok(field) => {
                    asked_for.insert(column, field);
                }
            }
        }
        let mut columns = Vec::with_capacity(headers.len());
        for header in headers {
            let field = asked_for.shift_remove(header.as_str()).unwrap_or_else(|| {
                let own = RowField::of_header(header);
                // The first column of a meaning has it; a second one keeps its own name.
                if taken.insert(own.clone()) { own } else { RowField::custom(header) }
            });
            if let RowField::Custom(key) = &field
                && let Err(errors) = CustomFields::new(Map::from_iter([(key.clone(), Value::Bool(true))]))
            {
                for error in errors {
                    refuse(header, error.invalid);
                }
            }
            columns.push((header.clone(), field));
        }
        let free = columns.iter().filter_map(|(_, field)| match field {
            RowField::Custom(key) => Some((key.clone(), Value::Bool(true))),
            _ => None,
        });
        if CustomFields::new(free.collect())
            .is_err_and(|errors| errors.iter().any(|error| error.invalid.code == "too_many"))
        {
            let why = "at most 100 columns can become free fields: leave others out with an empty field";
            wrong.push(FieldInvalid::new("mapping", Invalid::new("too_many_fields", why)));
        }
        if !columns.iter().any(|(_, field)| field.identifies()) {
            let why = "one column must be full_name, phone, email or external_id";
            wrong.push(FieldInvalid::new("mapping", Invalid::new("no_identifier", why)));
        }
        if wrong.is_empty() { Ok(Self(columns)) } else { Err(wrong) }
    }

    /// Column → field, by their names: as it is kept with the job and shown to people.
    pub fn named(&self) -> IndexMap<String, String> {
        self.0.iter().map(|(column, field)| (column.clone(), field.name())).collect()
    }

    /// Which columns of the file carry something, by their places.
    pub fn places(&self) -> Vec<usize> {
        (0..self.0.len()).filter(|place| self.0[*place].1 != RowField::Nothing).collect()
    }

    /// The columns that carry something, in the order of [`places`](Self::places).
    fn carrying(&self) -> impl Iterator<Item = (&str, &RowField)> {
        self.0.iter().filter(|(_, field)| *field != RowField::Nothing).map(|(column, field)| (column.as_str(), field))
    }

    /// The identifiers that the row's lead must be the only one to have; those that cannot be read are
    /// left out. `values` are the cells of [`places`](Self::places).
    pub fn identifiers<'a>(&self, values: impl IntoIterator<Item = &'a str>) -> Vec<Claim> {
        self.carrying()
            .zip(values)
            .filter_map(|((_, field), value)| {
                let value = answer(value)?;
                match field {
                    RowField::Email => value.parse().ok().as_ref().map(Lead::email_claim),
                    RowField::Phone => Phone::parse(value, Region::default()).ok().as_ref().map(Lead::phone_claim),
                    RowField::ExternalId => value.parse().ok().as_ref().map(Lead::external_id_claim),
                    _ => None,
                }
            })
            .collect()
    }

    /// What row number `row` tells of a lead, or everything wrong with it. `values` are the cells of
    /// [`places`](Self::places); `source` is that of rows that name none.
    pub fn details<'a>(
        &self,
        row: u32,
        values: impl IntoIterator<Item = &'a str>,
        source: Option<&Label>,
    ) -> Result<LeadDetails, Vec<RowProblem>> {
        let mut reading = Reading { row, ..Reading::default() };
        for ((column, field), value) in self.carrying().zip(values) {
            if let Some(value) = answer(value) {
                reading.cell(column, field, value);
            }
        }
        reading.finish(source)
    }
}

/// The text of a cell, if it answers anything: `Select` is what an untouched choice exports as.
fn answer(cell: &str) -> Option<&str> {
    let text = cell.trim();
    (!text.is_empty() && !text.eq_ignore_ascii_case("select")).then_some(text)
}

/// A row being read, cell by cell.
#[derive(Default)]
struct Reading {
    row: u32,
    details: LeadDetails,
    first_name: Option<PersonName>,
    last_name: Option<PersonName>,
    custom_fields: Map<String, Value>,
    wrong: Vec<RowProblem>,
}

impl Reading {
    fn cell(&mut self, column: &str, field: &RowField, value: &str) {
        let read = match field {
            RowField::FullName => put(&mut self.details.full_name, value.parse::<PersonName>()),
            RowField::FirstName => put(&mut self.first_name, value.parse()),
            RowField::LastName => put(&mut self.last_name, value.parse()),
            RowField::Email => put(&mut self.details.email, value.parse::<EmailAddress>()),
            RowField::Phone => put(&mut self.details.phone, Phone::parse(value, Region::default())),
            RowField::ExternalId => put(&mut self.details.external_id, value.parse::<Label>()),
            RowField::Source => put(&mut self.details.source, value.parse::<Label>()),
            RowField::Medium => put(&mut self.details.medium, value.parse::<Label>()),
            RowField::Campaign => put(&mut self.details.campaign, value.parse::<Label>()),
            RowField::City => put(&mut self.details.city, value.parse::<Label>()),
            RowField::Priority => put(&mut self.details.priority, value.parse::<Priority>()),
            RowField::Tags => tags(value).map(|tags| self.details.tags = tags),
            RowField::Custom(key) => {
                self.custom_fields.insert(key.clone(), Value::String(value.to_owned()));
                Ok(())
            }
            RowField::Nothing => Ok(()),
        };
        if let Err(invalid) = read {
            self.wrong.push(RowProblem::new(self.row, column, &invalid, value));
        }
    }

    fn finish(mut self, source: Option<&Label>) -> Result<LeadDetails, Vec<RowProblem>> {
        if self.details.full_name.is_none() && (self.first_name.is_some() || self.last_name.is_some()) {
            let parts: Vec<&str> =
                [&self.first_name, &self.last_name].into_iter().flatten().map(PersonName::as_str).collect();
            let joined = parts.join(" ");
            if let Err(invalid) = put(&mut self.details.full_name, joined.parse()) {
                self.wrong.push(RowProblem::new(self.row, "", &invalid, &joined));
            }
        }
        if self.details.source.is_none() {
            self.details.source = source.cloned();
        }
        match CustomFields::new(self.custom_fields) {
            Ok(fields) => self.details.custom_fields = fields,
            Err(errors) => {
                let problem = |error: FieldInvalid| RowProblem::new(self.row, "", &error.invalid, "");
                self.wrong.extend(errors.into_iter().map(problem));
            }
        }
        // A wrong identifier is told as such, not as missing too.
        if self.wrong.is_empty()
            && let Err(errors) = self.details.check()
            && let Some(error) = errors.into_iter().next()
        {
            self.wrong.push(RowProblem::new(self.row, "", &error.invalid, ""));
        }
        if self.wrong.is_empty() { Ok(self.details) } else { Err(self.wrong) }
    }
}

fn put<T>(place: &mut Option<T>, read: Result<T, Invalid>) -> Result<(), Invalid> {
    *place = Some(read?);
    Ok(())
}

fn tags(cell: &str) -> Result<Tags, Invalid> {
    let tags = cell.split(TAG_SEPARATORS).filter(|tag| !tag.trim().is_empty()).map(str::parse::<Tag>);
    Tags::new(tags.collect::<Result<Vec<_>, _>>()?)
}

impl LeadDetails {
    /// What the lead must be the only one to have.
    pub fn claims(&self) -> Vec<Claim> {
        [
            self.email.as_ref().map(Lead::email_claim),
            self.phone.as_ref().map(Lead::phone_claim),
            self.external_id.as_ref().map(Lead::external_id_claim),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn headers(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn asked(pairs: &[(&str, &str)]) -> IndexMap<String, String> {
        pairs.iter().map(|(column, field)| ((*column).to_owned(), (*field).to_owned())).collect()
    }

    fn mapping(names: &[&str]) -> RowMapping {
        RowMapping::new(&headers(names), &IndexMap::new()).expect("a mapping")
    }

    fn wrong(names: &[&str], pairs: &[(&str, &str)]) -> Vec<(String, &'static str)> {
        let errors = RowMapping::new(&headers(names), &asked(pairs)).err().unwrap_or_default();
        errors.into_iter().map(|error| (error.field, error.invalid.code)).collect()
    }

    #[test]
    fn headers_mean_fields_whatever_their_case_and_spacing() {
        let named = mapping(&["PROSPECT ID", "lead_source", "E-mail", "Mobile  Number", "Lead Number"]).named();
        assert_eq!(
            named.values().map(String::as_str).collect::<Vec<_>>(),
            ["external_id", "source", "email", "phone", "custom_fields.Lead Number"]
        );
    }

    #[test]
    fn the_first_column_of_a_meaning_has_it() {
        let named = mapping(&["Name", "Full Name"]).named();
        assert_eq!(named.values().collect::<Vec<_>>(), ["full_name", "custom_fields.Full Name"]);
        let asked = RowMapping::new(&headers(&["Name", "Full Name"]), &asked(&[("Full Name", "full_name")]));
        assert_eq!(asked.expect("a mapping").named().values().collect::<Vec<_>>(), ["custom_fields.Name", "full_name"]);
    }

    #[test]
    fn everything_wrong_with_a_mapping_is_told_at_once() {
        assert_eq!(
            wrong(&["A", "B", "C"], &[("A", "city"), ("B", "city"), ("C", "shoe_size"), ("D", "email")]),
            [
                ("mapping.B".to_owned(), "mapped_twice"),
                ("mapping.C".to_owned(), "unknown_field"),
                ("mapping.D".to_owned(), "unknown_column"),
                ("mapping".to_owned(), "no_identifier"),
            ]
        );
        let many: Vec<String> = (0..101).map(|n| format!("Column {n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).chain(["Email"]).collect();
        assert_eq!(wrong(&many, &[]), [("mapping".to_owned(), "too_many_fields")]);
    }

    #[test]
    fn a_mapping_is_read_back_from_its_names() {
        let names = ["Name", "Phone", "Seat", "Notes"];
        let first = RowMapping::new(&headers(&names), &asked(&[("Notes", ""), ("Seat", "custom_fields.seat")]))
            .expect("a mapping");
        assert_eq!(first.places(), [0, 1, 2]);
        assert_eq!(RowMapping::new(&headers(&names), &first.named()), Ok(first));
    }

    #[test]
    fn an_unanswered_choice_is_no_value() {
        let details = mapping(&["Prospect ID", "City", "Search"])
            .details(2, ["p-1", "Select", "No"], Some(&"Google".parse().expect("a label")))
            .expect("a lead");
        assert_eq!((details.city, details.custom_fields.len()), (None, 1));
        assert_eq!(details.custom_fields.get("Search"), Some(&Value::String("No".into())));
        assert_eq!(details.source.as_ref().map(Label::as_str), Some("Google"));
    }

    #[test]
    fn two_parts_make_a_name() {
        let mapping = mapping(&["First Name", "Surname"]);
        let name =
            |cells: [&str; 2]| mapping.details(2, cells, None).map(|details| details.full_name.map(|n| n.to_string()));
        assert_eq!(name(["Asha", "Example"]), Ok(Some("Asha Example".to_owned())));
        assert_eq!(name(["", "Example"]), Ok(Some("Example".to_owned())));
    }

    #[test]
    fn every_wrong_cell_of_a_row_is_told() {
        let mapping = mapping(&["Name", "Phone", "E-mail", "Priority"]);
        let problems = mapping.details(7, ["Asha", "call me", "nobody", "asap"], None).err().unwrap_or_default();
        let told: Vec<_> =
            problems.iter().map(|p| (p.row, p.column.as_str(), p.code.as_str(), p.value.as_str())).collect();
        assert_eq!(
            told,
            [
                (7, "Phone", "not_a_phone", "call me"),
                (7, "E-mail", "not_an_email_address", "nobody"),
                (7, "Priority", "unknown_priority", "asap")
            ]
        );
        let nobody = mapping.details(8, ["", "", "", "high"], None).err().unwrap_or_default();
        assert_eq!(nobody.iter().map(|p| (p.column.as_str(), p.code.as_str())).collect::<Vec<_>>(), [("", "required")]);
    }

    proptest! {
        #[test]
        fn identifiers_are_those_of_the_lead(cells in prop::array::uniform3("[ a-z@.0-9+]{0,16}|9[0-9]{9}|a@b\\.in")) {
            let mapping = mapping(&["Prospect ID", "Phone", "Email"]);
            let cells = cells.each_ref().map(String::as_str);
            if let Ok(details) = mapping.details(2, cells, None) {
                let mut claims = details.claims();
                let mut identifiers = mapping.identifiers(cells);
                claims.sort_by_key(|claim| claim.field);
                identifiers.sort_by_key(|claim| claim.field);
                prop_assert_eq!(claims, identifiers);
            }
        }
    }
}
