{-# LANGUAGE RecordWildCards, NamedFieldPuns #-}
-- Records: update, wildcards, missing fields and selectors that do not fit are run-time errors
-- with the place.
module Main (main) where

import Control.Exception

data R = A { num :: Int, txt :: String } | B { txt :: String, flag :: Bool } deriving (Show, Eq, Ord)

describe :: R -> String
describe A {..} = txt ++ show num
describe B { txt, flag = f } = txt ++ show f

main :: IO ()
main = do
  let a = A { num = 1, txt = "a" }
  print (a { num = 5 }, (B "b" True) { txt = "c" }, describe a, describe (B "q" False))
  print (compare a (B "" False), a == a { txt = "a" }, maximum [a, a { num = 9 }])
  t (num (B "b" True))
  t (length (show ((B "b" True) { num = 3 })))
  t (case a of B {} -> 0)
  where
    t x = do
      r <- try (evaluate (x :: Int))
      putStrLn (either (\e -> "exception: " ++ unwords (drop 1 (words (takeWhile (/= '\n') (show (e :: SomeException)))))) show r)
