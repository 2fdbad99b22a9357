"""The form in which a model answers when it groups critiques."""

from pydantic import BaseModel


class ModelGroup(BaseModel):
    """A group as the model names it; notes by their numbers."""

    title: str
    definition: str
    notes: list[int]


class ModelGroups(BaseModel):
    """The whole answer."""

    groups: list[ModelGroup]
