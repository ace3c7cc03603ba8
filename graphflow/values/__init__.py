"""What flows on links: kinds, their digests, codecs and conversions."""
