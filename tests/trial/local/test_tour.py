"""The tour: its page is what `make tour` writes, and its pictures are there and small."""

from trial.local import tour


def test_page_and_pictures_are_those_of_the_script():
    assert tour.TEXT.read_text() == tour.text()
    pictures = [stop.picture for stop in tour.STOPS]
    assert sorted(tour.PICTURES.iterdir()) == sorted(pictures)
    sizes = [picture.stat().st_size for picture in pictures]
    assert max(sizes) <= tour.LARGEST and sum(sizes) <= tour.MOST
    assert all(picture.read_bytes().startswith(b"\x89PNG") for picture in pictures)
