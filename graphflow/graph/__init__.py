"""What a workflow is: the document, how it is read, written, built, checked and expanded."""
