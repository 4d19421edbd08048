-- The smallest unikernel: it greets those whom its arguments name.
module Main (main) where

import System.Environment

main :: IO ()
main = do
  args <- getArgs
  putStrLn ("Hello" ++ concatMap (", " ++) args ++ "!")
  putStrLn "This is Haskell without an operating system below it."
