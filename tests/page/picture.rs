//! Makes a picture small: a screen has few colours, and 256 of them do.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};

use flate2::Crc;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

/// What a PNG begins with.
const MAGIC: [u8; 8] = *b"\x89PNG\r\n\x1a\n";
/// The most colours of a palette.
const COLOURS: usize = 256;

type Colour = [u8; 3];

/// Returns a PNG of 8 bits a channel with a palette: the colours that are there most often. Each
/// other colour is the nearest of them.
pub fn with_palette(png: &[u8]) -> Vec<u8> {
    let (width, height, pixels) = pixels(png);
    let mut counts: HashMap<Colour, usize> = HashMap::new();
    for pixel in &pixels {
        *counts.entry(*pixel).or_default() += 1;
    }
    let mut colours: Vec<(Colour, usize)> = counts.into_iter().collect();
    colours.sort_by_key(|(colour, count)| (usize::MAX - count, *colour));
    let palette: Vec<Colour> = colours.iter().map(|(c, _)| *c).take(COLOURS).collect();
    let nearest: HashMap<Colour, u8> = colours
        .iter()
        .map(|(colour, _)| (*colour, nearest(&palette, *colour)))
        .collect();
    let mut rows = Vec::with_capacity(pixels.len() + height);
    for row in pixels.chunks(width) {
        rows.push(0); // no filter: what a palette's picture is smallest with
        rows.extend(row.iter().map(|pixel| nearest[pixel]));
    }
    let size = |size: usize| u32::try_from(size).expect("a picture's size").to_be_bytes();
    let header = [&size(width)[..], &size(height), &[8, 3, 0, 0, 0]].concat();
    let mut packed = ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&rows).expect("memory");
    let mut made = MAGIC.to_vec();
    chunk(&mut made, *b"IHDR", &header);
    chunk(&mut made, *b"PLTE", &palette.concat());
    chunk(&mut made, *b"IDAT", &packed.finish().expect("memory"));
    chunk(&mut made, *b"IEND", &[]);
    made
}

fn nearest(palette: &[Colour], colour: Colour) -> u8 {
    let far = |other: &Colour| -> u32 {
        let channels = other.iter().zip(colour);
        channels.map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
    };
    let places = palette.iter().enumerate();
    let place = places.min_by_key(|(_, other)| far(other)).map(|(at, _)| at);
    u8::try_from(place.unwrap_or_default()).expect("a palette")
}

fn chunk(png: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    let length = u32::try_from(data.len()).expect("a chunk");
    png.extend(length.to_be_bytes());
    let mut sum = Crc::new();
    for part in [&kind[..], data] {
        png.extend(part);
        sum.update(part);
    }
    png.extend(sum.sum().to_be_bytes());
}

/// Returns the width, the height and the pixels of a PNG.
pub fn pixels(png: &[u8]) -> (usize, usize, Vec<Colour>) {
    assert!(png.starts_with(&MAGIC), "no PNG");
    let (mut rest, mut packed, mut header) = (&png[8..], Vec::new(), Vec::new());
    while rest.len() >= 12 {
        let length = usize::try_from(number(rest)).expect("a chunk");
        let data = &rest[8..8 + length];
        match &rest[4..8] {
            b"IHDR" => header = data.to_vec(),
            b"IDAT" => packed.extend(data),
            _ => {}
        }
        rest = &rest[12 + length..];
    }
    let [width, height] = [&header[..4], &header[4..8]]
        .map(|size| usize::try_from(number(size)).expect("a picture's size"));
    let channels = match header[8..] {
        [8, 2, 0, 0, 0] => 3,
        [8, 6, 0, 0, 0] => 4,
        _ => panic!("a PNG of another form: {header:?}"),
    };
    let mut rows = Vec::new();
    ZlibDecoder::new(&packed[..])
        .read_to_end(&mut rows)
        .expect("a picture");
    let mut above = vec![0; width * channels];
    let mut pixels = Vec::with_capacity(width * height);
    for row in rows.chunks(1 + width * channels) {
        let row = unfiltered(row[0], &row[1..], &above, channels);
        pixels.extend(
            row.chunks(channels)
                .map(|pixel| [pixel[0], pixel[1], pixel[2]]),
        );
        above = row;
    }
    (width, height, pixels)
}

fn number(bytes: &[u8]) -> u32 {
    u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

/// Takes a row's filter away: see RFC 2083, section 6.
fn unfiltered(filter: u8, row: &[u8], above: &[u8], channels: usize) -> Vec<u8> {
    let mut made: Vec<u8> = Vec::with_capacity(row.len());
    for (at, byte) in row.iter().enumerate() {
        let back = at.checked_sub(channels);
        let left = back.map_or(0, |back| made[back]);
        let corner = back.map_or(0, |back| above[back]);
        let guess = match filter {
            0 => 0,
            1 => left,
            2 => above[at],
            3 => left.midpoint(above[at]),
            _ => paeth(left, above[at], corner),
        };
        made.push(byte.wrapping_add(guess));
    }
    made
}

fn paeth(left: u8, above: u8, corner: u8) -> u8 {
    let [a, b, c] = [left, above, corner].map(i16::from);
    let guess = a + b - c;
    let [to_a, to_b, to_c] = [a, b, c].map(|value| (guess - value).abs());
    if to_a <= to_b && to_a <= to_c {
        left
    } else if to_b <= to_c {
        above
    } else {
        corner
    }
}

#[test]
fn a_picture_keeps_its_pixels() {
    let header = [
        &2_u32.to_be_bytes()[..],
        &2_u32.to_be_bytes(),
        &[8, 2, 0, 0, 0],
    ]
    .concat();
    // The second row is filtered by what is above it.
    let rows = [0, 1, 2, 3, 250, 251, 252, 2, 1, 0, 0, 0, 0, 10];
    let mut packed = ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&rows).expect("memory");
    let mut png = MAGIC.to_vec();
    chunk(&mut png, *b"IHDR", &header);
    chunk(&mut png, *b"IDAT", &packed.finish().expect("memory"));
    let wanted = vec![[1, 2, 3], [250, 251, 252], [2, 2, 3], [250, 251, 6]];
    assert_eq!(pixels(&png), (2, 2, wanted));
    let small = with_palette(&png);
    assert_eq!(small[25], 3, "a palette");
}
