use super::package::Package;
use super::xml::{Node, Xml, attribute};
use crate::SheetError;

/// Where the parts that matter are, as the workbook says.
pub(super) struct Workbook {
    /// The first visible worksheet.
    pub sheet: String,
    pub strings: Option<String>,
    pub styles: Option<String>,
    /// Whether day 0 is in 1904 rather than 1899 (ECMA-376 part 1, 18.17.4.1).
    pub from_1904: bool,
}

/// Sheets whose ids are remembered.
const MAX_SHEETS: usize = 1024;

struct Relationship {
    id: String,
    /// Last word of the type's address: `worksheet`, `styles`. The address before it has two editions.
    kind: String,
    target: String,
}

impl Workbook {
    pub(super) fn read(package: &mut Package<'_>) -> Result<Self, SheetError> {
        let no_workbook = SheetError::Unsupported { what: package.looks_like() };
        let Some(mut roots) = package.part("_rels/.rels")? else {
            return Err(no_workbook);
        };
        let mut main = None;
        each_relationship(&mut roots, |relationship| {
            if relationship.kind == "officeDocument" {
                main.get_or_insert(resolve("", &relationship.target));
            }
        })?;
        package.spend(&roots);
        let Some(main) = main else {
            return Err(no_workbook);
        };
        let Some(mut part) = package.part(&main)? else {
            return Err(no_workbook);
        };
        if main.rsplit('.').next().is_some_and(|ending| ending.eq_ignore_ascii_case("bin")) {
            return Err(no_workbook);
        }
        let Some((sheets, from_1904)) = visible_sheets(&mut part)? else {
            return Err(no_workbook);
        };
        package.spend(&part);

        let (folder, name) = main.rsplit_once('/').unwrap_or(("", &main));
        let Some(mut links) = package.part(&format!("{folder}/_rels/{name}.rels"))? else {
            return Err(SheetError::damaged("it does not say where its sheets are"));
        };
        let mut strings = None;
        let mut styles = None;
        let mut first: Option<(usize, String)> = None;
        each_relationship(&mut links, |link| {
            let target = resolve(folder, &link.target);
            match link.kind.as_str() {
                "sharedStrings" => strings = Some(target),
                "styles" => styles = Some(target),
                "worksheet" => {
                    let place = sheets.iter().position(|id| *id == link.id);
                    if let Some(place) = place.filter(|place| first.as_ref().is_none_or(|(before, _)| place < before)) {
                        first = Some((place, target));
                    }
                }
                _ => {}
            }
        })?;
        package.spend(&links);
        let (_, sheet) = first.ok_or_else(|| SheetError::damaged("it has no visible sheet"))?;
        Ok(Self { sheet, strings, styles, from_1904 })
    }
}

/// Ids of the sheets a person sees, in their order, and whether days count from 1904; `None` where the
/// part is no workbook but the text of another kind of document.
fn visible_sheets(part: &mut Xml<'_>) -> Result<Option<(Vec<String>, bool)>, SheetError> {
    let mut ids = Vec::new();
    let mut from_1904 = false;
    let mut is_workbook = false;
    while let Some(node) = part.next()? {
        let Node::Start(element) = node else {
            continue;
        };
        match element.local_name().as_ref() {
            "workbook" => is_workbook = true,
            "workbookPr" => {
                if let Some(flag) = attribute(&element, "date1904")? {
                    from_1904 = flag == "1" || flag == "true";
                }
            }
            "sheet" if ids.len() < MAX_SHEETS => {
                let state = attribute(&element, "state")?;
                if state.is_none_or(|state| state == "visible") {
                    ids.extend(attribute(&element, "id")?);
                }
            }
            _ => {}
        }
    }
    Ok(is_workbook.then_some((ids, from_1904)))
}

fn each_relationship(part: &mut Xml<'_>, mut visit: impl FnMut(Relationship)) -> Result<(), SheetError> {
    while let Some(node) = part.next()? {
        let Node::Start(element) = node else {
            continue;
        };
        if element.local_name().as_ref() != "Relationship" {
            continue;
        }
        let kind = attribute(&element, "Type")?.unwrap_or_default();
        visit(Relationship {
            id: attribute(&element, "Id")?.unwrap_or_default(),
            kind: kind.rsplit('/').next().unwrap_or_default().to_owned(),
            target: attribute(&element, "Target")?.unwrap_or_default(),
        });
    }
    Ok(())
}

/// A target as the name of a part: from the root, or from the folder of the part that refers to it.
fn resolve(folder: &str, target: &str) -> String {
    let from_root = target.starts_with('/');
    let mut segments: Vec<&str> = if from_root { Vec::new() } else { folder.split('/').collect() };
    for segment in target.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            _ => segments.push(segment),
        }
    }
    segments.retain(|segment| !segment.is_empty());
    segments.join("/")
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn a_target_is_a_name_within_the_archive() {
        assert_eq!(resolve("xl", "worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(resolve("xl", "/xl/styles.xml"), "xl/styles.xml");
        assert_eq!(resolve("xl/a", "../b.xml"), "xl/b.xml");
        assert_eq!(resolve("", "../../etc/passwd"), "etc/passwd");
    }
}
