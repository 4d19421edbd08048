{-# LANGUAGE CPP #-}
-- The C preprocessor on Haskell: compiler and platform macros and those of packages.
module Main (main) where

#define ANSWER 42
#if __GLASGOW_HASKELL__ >= 900
import Data.List (sortOn)
#else
#error this compiler is too old
#endif

main :: IO ()
main = do
  print (ANSWER :: Int)
#ifdef linux_HOST_OS
  putStrLn "linux_HOST_OS"
#else
  putStrLn "another system"
#endif
#ifdef x86_64_HOST_ARCH
  putStrLn "x86_64_HOST_ARCH"
#endif
#if MIN_VERSION_base(4,15,0) && !MIN_VERSION_base(4,16,0)
  putStrLn "base 4.15"
#endif
  print (sortOn negate [3, 1, 2 :: Int], __LINE__ > (10 :: Int), __FILE__ /= "")
